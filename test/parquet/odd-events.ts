/**
 * Events with what nobody expects in them, each with what its columns must hold: what is generated says itself what
 * it is, so that nothing here computes as the code under test does.
 */
import fc from 'fast-check'
import { columns } from '../../src/parquet/columns.ts'
import { fullEvent } from '../event/sample-events.ts'

interface Member {
  /** Undefined: the event has none. */
  readonly value: unknown
  /** What the column holds. */
  readonly held: unknown
}

export interface OddEvent {
  readonly event: unknown
  readonly held: Readonly<Record<string, unknown>>
}

const unfit = (...values: fc.Arbitrary<unknown>[]): fc.Arbitrary<Member> =>
  fc.oneof(fc.constant(undefined), fc.constant(null), ...values).map((value) => ({ value, held: null }))
const fits = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Member> =>
  values.map((value) => ({ value, held: value }))

const odd = fc.string({
  unit: fc.constantFrom('\ud800', '\udc00', '"', '\\', '\u0000', '\n', 'é', '😀', 'x'),
})
const texts = fc
  .oneof(fc.string({ unit: 'binary' }), odd, fc.constantFrom('', 'null', 'u_42', 'x'.repeat(5000)))
  .map((value): Member => ({ value, held: value.toWellFormed() }))

const days = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2300, 0) })
const years = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 })
const digits = fc.integer({ min: 0, max: 999_999 }).map((number) => String(number).padStart(6, '0'))
const times = fc.tuple(fc.oneof(days, years), digits).map(([milliseconds, rest]): Member => {
  const value = `${new Date(milliseconds).toISOString().slice(0, 23)}${rest}Z`
  return { value, held: BigInt(milliseconds) * 1000n + BigInt(rest.slice(0, 3)) }
})
const noTimes = fc.constantFrom(
  '',
  'yesterday',
  '2026-02-30T00:00:00Z',
  '2026-01-01',
  '+275760-09-13T00:00:00Z',
)

const numbers = fc.oneof(fc.constantFrom(0.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e300), fc.string())

/** Without -0, which JSON does not have. */
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))

const ofType: Readonly<Record<string, fc.Arbitrary<Member>>> = {
  text: fc.oneof(
    { weight: 3, arbitrary: texts },
    unfit(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.array(fc.string())),
  ),
  time: fc.oneof(
    { weight: 3, arbitrary: times },
    unfit(noTimes, fc.integer(), fc.dictionary(fc.string(), fc.jsonValue())),
  ),
  int32: fc.oneof(fits(fc.integer()), unfit(numbers, fc.boolean())),
  boolean: fc.oneof(fits(fc.boolean()), unfit(fc.string(), fc.integer())),
  json: fc.oneof(fits(fc.array(json)), unfit(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()))),
}

const ofEvents = columns.filter(
  ({ name, member }) => !/^(?:seq|origin|event)$/.test(name) && !/\[/.test(member),
)
const first = fc.record({ type: ofType.text!, id: ofType.text! })

/** Every column of its own kind, in events that are otherwise whole. */
export const oddEvents: fc.Arbitrary<OddEvent> = fc
  .record({
    members: fc.record(Object.fromEntries(ofEvents.map(({ name, type }) => [name, ofType[type]!]))),
    first: fc.option(first),
  })
  .map(({ members, first: target }) => {
    const event: Record<string, unknown> = structuredClone(fullEvent)
    const held: Record<string, unknown> = { target_type: null, target_id: null }
    for (const { name, member } of ofEvents) {
      put(event, member, members[name]?.value)
      held[name] = members[name]?.held
    }
    const [targets] = Array.isArray(event.targets) ? [event.targets as unknown[]] : []
    const [given] = targets ?? []
    if (target !== null) {
      const { type, id } = target
      event.targets = [{ type: type.value, id: id.value }, ...(targets ?? [])]
      held.targets = JSON.parse(JSON.stringify(event.targets), (_, value) => wellFormed(value))
      held.target_type = type.held
      held.target_id = id.held
    } else if (isObject(given)) {
      for (const key of ['type', 'id']) {
        const value = Object.hasOwn(given, key) ? given[key] : undefined
        held[`target_${key}`] = typeof value === 'string' ? value : null
      }
    }
    return { event, held }
  })

/** Lines that are no events at all: none of our journal, but nothing that a file fails over. */
export const noEvents: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', '{', 'null', '[]', '"x"', '7', '{"actor":"x","targets":[null]}', '[[]]'),
  fc.string().map((text) => text.replaceAll(/[\n\r]/g, ' ')),
)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const wellFormed = (value: unknown): unknown => (typeof value === 'string' ? value.toWellFormed() : value)

function put(event: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let at = event
  for (const key of keys) {
    const inner = at[key]
    if (isObject(inner)) at = inner
  }
  if (value === undefined) delete at[last]
  else at[last] = value
}
