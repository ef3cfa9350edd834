/** Output lines for the tests of shapes: one of each kind, random ones, and those of real records. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { AuditEvent } from '../../src/event/audit-event.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import { categories, mechanisms, operations, outcomeResults } from '../../src/event/vocabulary.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { presetNames } from '../../src/normalise/presets.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { lines, spec } from '../normalise/normalising.ts'

/** As the journal hands it out. */
export function lineWith(event: AuditEvent, rawData?: string, seq = 41): string {
  const canonical = canonicalize(event)
  const raw = rawData === undefined ? '' : `,"raw_data":${JSON.stringify(rawData)}`
  const log = { origin: 'affiant/node-1/1', seq, size: Buffer.byteLength(canonical) }
  return `${canonical.slice(0, -1)}${raw},"log":${JSON.stringify(log)}}`
}

/** Without a log, as `affiant normalize` prints it. */
export const lineWithoutLog = (event: AuditEvent): string => canonicalize(event)

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values)
const optional = <T>(value: T) => fc.option(fc.constant(value), { nil: undefined })
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const key = fc.oneof(text, oneOf(['__proto__', '10', '9', '-', 'constructor', '€']))
const scalars = [
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
]
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    ...scalars,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value
const free = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<
  Record<string, unknown>
>

const types = [
  'user',
  'AWS::S3::Bucket',
  'file',
  'group',
  'tables',
  'process',
  'role',
  'invoice',
  'serviceaccounts',
  undefined,
]
const target = fc.record({
  type: oneOf(types),
  id: fc.option(text, { nil: undefined }),
  attributes: fc.option(free, { nil: undefined }),
})

/** Each member of an event is there or not, as the schema allows it. */
export const anyEvent: fc.Arbitrary<AuditEvent> = fc
  .record({
    base: oneOf([leastEvent, fullEvent]),
    action: text,
    category: oneOf(categories),
    operation: oneOf(operations),
    result: oneOf(outcomeResults),
    code: fc.option(oneOf(['403', 'E_DENIED', '2147483648000']), { nil: undefined }),
    vendor: oneOf(['AWS', 'Google', 'Microsoft', 'acme', undefined]),
    host: optional('host-1'),
    severity: fc.option(fc.integer({ min: 1, max: 24 }), { nil: undefined }),
    type: oneOf(['user', 'service', 'system', 'agent', 'anonymous', 'unknown'] as const),
    mechanism: oneOf(mechanisms),
    ip: oneOf(['10.0.0.1', '::1', 'fe80::1%eth0', 'ec2.amazonaws.com', undefined]),
    method: oneOf(['get', 'POST', 'PROPFIND', undefined]),
    path: oneOf(['/a?b=c', 'https://example.com/a', 'x', undefined]),
    scope: oneOf([
      [],
      [{ type: 'account', id: '123' }],
      [
        { type: 'organization', name: 'o' },
        { type: 'project', id: 'p' },
      ],
      [{ type: 'cluster', id: 'c' }],
    ]),
    targets: fc.option(fc.array(target, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    unmapped: fc.option(free, { nil: undefined }),
    metadata: fc.option(free, { nil: undefined }),
    name: fc.option(text, { nil: undefined }),
  })
  .map((each) => {
    const { base, source, actor, request } = {
      ...each,
      source: each.base.source,
      actor: each.base.actor,
      request: each.base.request,
    }
    return without({
      ...base,
      action: each.action,
      category: each.category,
      operation: each.operation,
      actor: without({ ...actor, type: each.type, name: each.name }),
      outcome: without({ ...base.outcome, result: each.result, code: each.code }),
      producer: without({ ...base.producer, vendor: each.vendor, host: each.host }),
      severity: each.severity,
      delegation: base.delegation?.map((hop) => ({ ...hop, mechanism: each.mechanism })),
      source: source === undefined ? undefined : without({ ...source, ip: each.ip }),
      request:
        request === undefined ? undefined : without({ ...request, method: each.method, path: each.path }),
      scope: each.scope,
      targets: each.targets?.map(without),
      unmapped: each.unmapped,
      metadata: each.metadata,
    }) as AuditEvent
  })

function without<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, each]) => each !== undefined)) as T
}

const samples = join(import.meta.dirname, '../../../shared/samples')

const filesLike = (pattern: string): readonly string[] =>
  existsSync(samples) ? globSync(pattern, { cwd: samples }).toSorted() : []

/** Files of real records; [] where they are not there. */
export const sampleFiles = filesLike('*/*.{jsonl,json,log,txt}')
/** With those that a test has no time for each time. */
export const allSampleFiles = filesLike('**/*.{jsonl,json,log,txt}')

/** What the presets for a file, and the general ones, make of its first lines, as output lines. */
export function linesOfSample(file: string, most: number): string[] {
  const text = readFileSync(join(samples, file), 'utf8').split('\n').slice(0, most).join('\n')
  const system = file.split('/')[0]!
  const fits = (preset: string) =>
    ['json', 'plain'].includes(preset) || system.startsWith(preset.split('_')[0]!)
  return presetNames()
    .filter(fits)
    .flatMap((preset) => {
      const batch = lines(compiled(preset), `${text}\n`)
      const events = Buffer.from(batch.payload).toString().split('\n').slice(0, batch.count)
      return events.map((event, i) =>
        lineWith(JSON.parse(event) as AuditEvent, i % 2 === 0 ? event : undefined, i),
      )
    })
}

const normalisers = new Map<string, ReturnType<typeof compileNormaliser>>()

function compiled(preset: string) {
  const found = normalisers.get(preset) ?? compileNormaliser(spec({ preset }))
  normalisers.set(preset, found)
  return found
}
