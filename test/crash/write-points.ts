/**
 * Where the agent changes what is on a disk, by name. A call belongs to a point by what it does and to which file; a
 * call that belongs to none is a hole in the crash matrix, and fails it.
 */
import { basename, dirname, join, relative } from 'node:path'
import { blockKinds, field } from '../../src/journal/block.ts'

export type Operation = 'create' | 'write' | 'sync' | 'truncate' | 'rename' | 'remove' | 'make'

export interface Call {
  readonly operation: Operation
  /** Of a rename: where it leads. */
  readonly path: string
  /** The first bytes of a write. */
  readonly begins?: Uint8Array
  /** The file was opened where it was, not made by this process. */
  readonly found?: boolean
  /** The file's header was written through this handle. */
  readonly headed?: boolean
}

export interface Places {
  readonly dataDir: string
  /** Of the file sink. */
  readonly output: string
}

export type Phase = 'before' | 'middle' | 'after'

/** Each point, with how many times it may pass before the process is killed there. */
export const writePoints = {
  'directory made': 1,
  'data directory synced': 1,
  'last start created': 1,
  'last start written': 1,
  'last start synced': 1,
  'last start renamed': 1,
  'hash key created': 1,
  'hash key written': 1,
  'hash key synced': 1,
  'hash key renamed': 1,
  'agent file written': 1,
  'agent file removed': 1,
  'control socket removed': 1,
  'spare segment created': 1,
  'spare segment filled': 2,
  'spare segment synced': 2,
  'spare segment removed': 1,
  'segment header written': 2,
  'segment header synced': 2,
  'segment renamed': 2,
  'journal directory synced': 2,
  'block written': 12,
  'block synced': 12,
  'seal written': 1,
  'seal synced': 1,
  'segment truncated': 1,
  'segment removed': 1,
  'recovered blocks written again': 1,
  'recovered segment synced': 1,
  'recovered segment truncated': 1,
  'cursor created': 2,
  'cursor written': 2,
  'cursor synced': 2,
  'cursor renamed': 2,
  'cursor directory synced': 2,
  'route table created': 1,
  'route table written': 1,
  'route table synced': 1,
  'route table renamed': 1,
  'route directory synced': 1,
  'dead letter file created': 1,
  'dead letter directory synced': 1,
  'dead letter written': 2,
  'dead letter synced': 2,
  'plan log created': 1,
  'plan log filled': 1,
  'plan log synced': 1,
  'plan log renamed': 1,
  'plan directory synced': 1,
  'plan written': 4,
  'plan synced': 4,
  'output file opened': 1,
  'output written': 8,
  'output synced': 8,
  'output renamed': 1,
  'output directory synced': 1,
  'oldest output removed': 1,
} as const

/** The same, where only `affiant dlq replay` comes by. */
export const replayPoints = {
  'sent letters created': 1,
  'sent letters written': 4,
  'sent letters synced': 4,
  'sent letters removed': 1,
  'dead letter file removed': 1,
} as const

export type WritePoint = keyof typeof writePoints | keyof typeof replayPoints

export const isWritePoint = (name: string): name is WritePoint =>
  Object.hasOwn(writePoints, name) || Object.hasOwn(replayPoints, name)

/** Only a write has a middle: the rest the kernel does whole or not at all. */
export function phasesOf(point: WritePoint): readonly Phase[] {
  return / (written|filled)( again)?$/.test(point) && point !== 'agent file written'
    ? ['before', 'middle', 'after']
    : ['before', 'after']
}

const blockKindAt = field.kind
const sealKind: number = blockKinds.seal

type Names = Partial<Record<Operation, WritePoint>>

const byPlace: Readonly<Record<string, Names>> = {
  spare: { create: 'spare segment created', sync: 'spare segment synced', remove: 'spare segment removed' },
  segment: {
    truncate: 'segment truncated',
    rename: 'segment renamed',
    remove: 'segment removed',
  },
  foundSegment: {
    write: 'recovered blocks written again',
    sync: 'recovered segment synced',
    truncate: 'recovered segment truncated',
  },
  journal: { sync: 'journal directory synced', make: 'directory made' },
  cursor: {
    create: 'cursor created',
    write: 'cursor written',
    sync: 'cursor synced',
    rename: 'cursor renamed',
  },
  cursors: { sync: 'cursor directory synced', make: 'directory made' },
  route: {
    create: 'route table created',
    write: 'route table written',
    sync: 'route table synced',
    rename: 'route table renamed',
  },
  routes: { sync: 'route directory synced', make: 'directory made' },
  letter: {
    create: 'dead letter file created',
    write: 'dead letter written',
    sync: 'dead letter synced',
    remove: 'dead letter file removed',
  },
  sent: {
    create: 'sent letters created',
    write: 'sent letters written',
    sync: 'sent letters synced',
    remove: 'sent letters removed',
  },
  letters: { sync: 'dead letter directory synced', make: 'directory made' },
  newPlans: { create: 'plan log created', write: 'plan log filled', sync: 'plan log synced' },
  plans: { write: 'plan written', sync: 'plan synced', rename: 'plan log renamed' },
  planDirectory: { sync: 'plan directory synced', make: 'directory made' },
  start: {
    create: 'last start created',
    write: 'last start written',
    sync: 'last start synced',
    rename: 'last start renamed',
  },
  hashKey: {
    create: 'hash key created',
    write: 'hash key written',
    sync: 'hash key synced',
    rename: 'hash key renamed',
  },
  control: { remove: 'control socket removed' },
  agent: { write: 'agent file written', remove: 'agent file removed' },
  data: { sync: 'data directory synced', make: 'directory made' },
  output: {
    create: 'output file opened',
    write: 'output written',
    sync: 'output synced',
    truncate: 'output written',
    rename: 'output renamed',
    remove: 'oldest output removed',
  },
  outputs: { sync: 'output directory synced', make: 'directory made' },
}

/** The point a call belongs to; null: it has no name. */
export function pointOf(call: Call, places: Places): WritePoint | null {
  const place = placeOf(call, places)
  if (place === null) return null
  if (place === 'spare' && call.operation === 'write') {
    return isZero(call.begins) ? 'spare segment filled' : 'segment header written'
  }
  if (place === 'spare' && call.operation === 'sync' && call.headed) return 'segment header synced'
  if (place === 'segment' && call.operation === 'write') {
    return call.begins?.[blockKindAt] === sealKind ? 'seal written' : 'block written'
  }
  if (place === 'segment' && call.operation === 'sync') {
    return call.begins?.[blockKindAt] === sealKind ? 'seal synced' : 'block synced'
  }
  return byPlace[place]?.[call.operation] ?? null
}

const isZero = (bytes: Uint8Array | undefined) => bytes?.subarray(0, 64).every((byte) => byte === 0) ?? false

function placeOf({ operation, path, found }: Call, { dataDir, output }: Places): string | null {
  const name = basename(path)
  const directory = dirname(path)
  if (path === output || (directory === dirname(output) && name.startsWith(`${basename(output)}.`)))
    return 'output'
  if (path === dirname(output)) return 'outputs'
  if (path === dataDir) return 'data'
  if (relative(dataDir, path).startsWith('..')) return null
  if (directory === join(dataDir, 'journal')) {
    if (name === 'spare.tmp') return 'spare'
    if (!name.endsWith('.seg')) return null
    return found && operation !== 'remove' && operation !== 'rename' ? 'foundSegment' : 'segment'
  }
  if (directory === join(dataDir, 'cursors')) return 'cursor'
  if (directory === join(dataDir, 'routes')) return 'route'
  const letters = relative(join(dataDir, 'dlq'), path).split('/')
  if (letters[0] !== '..') {
    if (letters.length !== 2) return 'letters'
    return name.endsWith('.sent') ? 'sent' : 'letter'
  }
  const plans = relative(join(dataDir, 'plans'), path).split('/')
  if (plans[0] !== '..') {
    if (plans.length < 2) return 'planDirectory'
    return name === 'log.new' ? 'newPlans' : name === 'log' ? 'plans' : null
  }
  if (directory !== dataDir) return null
  if (name === 'agent.json') return 'agent'
  if (name === 'control.sock') return 'control'
  if (name.includes('last-start.json')) return 'start'
  if (name.includes('hash.key')) return 'hashKey'
  return name === 'journal' || name === 'cursors' || name === 'routes' ? name : null
}
