/** `affiant normalize`: raw lines in, events out, with the normaliser that the agent uses. */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { bareSpec } from '../agent/bare-spec.ts'
import { randomHashKey } from '../attribution/keyed-hash.ts'
import type { StreamContext } from '../event/record.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { type Detection, detectPreset } from '../normalise/detect/detect-preset.ts'
import { compileNormaliser, type InlineNormaliser } from '../normalise/normaliser.ts'
import type { Framing } from '../receivers/file/framing/begin.ts'
import { batchLines } from './batch-lines.ts'
import { type Input, openInputs } from './input.ts'
import { joinedLines } from './joined-lines.ts'
import { MissingMembers } from './missing-members.ts'
import { type Counts, hintOf } from './normalize-hints.ts'
import { readAs } from './read-as.ts'
import { wholeInput } from './whole-input.ts'
import { type WholeLines, wholeLines } from './whole-lines.ts'

interface NormalizeOptions {
  readonly mapping: NormaliserSpec['mapping']
  /** `-`, or none: the standard input. Each is a stream of its own. */
  readonly files?: readonly string[]
  readonly input: AsyncIterable<Uint8Array>
  /** Each input is one record, not one a line. @default false */
  readonly whole?: boolean
  /** Events, one JSON line each. */
  readonly output: Writable
  /** The summary. */
  readonly errors: Writable
  /** Unix milliseconds, for `observed_time`. @default Date.now */
  readonly now?: () => number
}

/** Bytes of the longest line that is read as a record, as in the agent's default. */
const maxRecord = 16 * 1024 * 1024
/** Bytes of an input that is read as one record: files of an export are larger than lines. */
const maxWhole = 256 * 1024 * 1024

/** As much of an input says what it is. Bytes. */
const lookedAt = 64 * 1024

/**
 * @returns the exit code: 1 if any line could not be parsed.
 * @throws AffiantError for a mapping that is wrong, and for an input that cannot be read, or not to its end
 */
export async function normalizeCommand(options: NormalizeOptions): Promise<0 | 1> {
  const { mapping, files = [], input, errors } = options
  // Of a run that keeps nothing: what it hashes compares only with itself.
  const receiver = files.length === 0 ? 'stdin' : 'file'
  const normaliser = compileNormaliser(bareSpec(receiver, mapping, [randomHashKey()]))
  const run: Run = {
    receiver,
    normaliser,
    total: { records: 0, unparsed: 0, incomplete: 0 },
    missing: new MissingMembers(),
    hints: [],
  }
  const { total } = run
  try {
    for (const each of openInputs(files, input)) await normalizeInput(each, options, run)
  } catch (thrown) {
    if (total.records > 0) errors.write(summary(run))
    throw thrown
  }
  errors.write(summary(run))
  return total.unparsed > 0 ? 1 : 0
}

function summary({ total: { records, unparsed, incomplete }, missing, hints }: Run): string {
  const without = incomplete > 0 ? ` (without ${missing.list()})` : ''
  const counts = `${records} records, ${unparsed} not parsed, ${incomplete} with incomplete attribution${without}`
  return [counts, ...hints].map((line) => `${line}\n`).join('')
}

/** What all inputs share. */
interface Run {
  readonly receiver: string
  readonly normaliser: InlineNormaliser
  readonly total: Counts
  readonly missing: MissingMembers
  /** Said behind the counts. */
  readonly hints: string[]
}

async function normalizeInput(
  { name, bytes: input }: Input,
  { mapping, output, whole = false, now = Date.now }: NormalizeOptions,
  { receiver, normaliser, total, missing, hints }: Run,
): Promise<void> {
  const preset = 'preset' in mapping ? mapping.preset : undefined
  const counts: Counts = { records: 0, unparsed: 0, incomplete: 0 }
  let stream = streamOf(name, receiver)
  let offset = 0
  let head = new Uint8Array(0)
  let found: Detection | undefined

  // The input is one stream: what its first lines are of, all of it is.
  const begin = async (first: Uint8Array): Promise<Framing | null> => {
    head = new Uint8Array(first.subarray(0, lookedAt))
    const readingAs = whole
      ? { found: detectPreset([Buffer.from(head).toString('utf8')]), framing: null }
      : await readAs(first, mapping, maxRecord)
    found = readingAs.found
    if (preset === 'auto') stream = { ...stream, preset: found.preset }
    return readingAs.framing
  }
  const chunks: AsyncIterable<WholeLines> = whole ? wholeInput(input, maxWhole) : wholeLines(input, maxRecord)
  for await (const { size, ...chunk } of joinedLines(chunks, begin)) {
    const batch = normaliser.lines({ stream, ...chunk, offset, observed: now() })
    offset += size
    for (const counted of [counts, total]) {
      counted.records += batch.records
      counted.unparsed += batch.unparsed
      counted.incomplete += batch.incomplete
    }
    if (batch.incomplete > 0) missing.add(batch.payload)
    if (batch.count > 0 && !output.write(batchLines(batch))) await once(output, 'drain')
  }
  const hint = hintOf({ name, head, whole, preset, found }, counts)
  if (hint !== undefined) hints.push(hint)
}

function streamOf(name: string, receiver: string): StreamContext {
  // There is no file behind the standard input that could be read again.
  if (name === '-') return { id: '0'.repeat(32), receiver }
  return { id: hash('sha256', name).slice(0, 32), receiver, path: name }
}
