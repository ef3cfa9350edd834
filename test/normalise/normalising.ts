/** What the tests of this folder share: a specification, lines in, events out. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { auditEventSchema } from '../../src/event/json-schema.ts'
import type { NormalisedBatch, NormaliserSpec } from '../../src/normalise/contract.ts'
import { compileNormaliser, type InlineNormaliser } from '../../src/normalise/normaliser.ts'

export const stream = { id: '00112233445566778899aabbccddeeff', receiver: 'app' }
/** What the keyed hashes of these tests are made with. */
export const testKeys = [{ id: 'test', secret: '00'.repeat(32) }]
export const observed = Date.UTC(2026, 10, 23, 12, 0, 1)

export function spec(
  mapping: NormaliserSpec['mapping'] | object,
  more: Partial<NormaliserSpec> = {},
): NormaliserSpec {
  return {
    agent: { id: 'test', version: '0' },
    receiver: 'app',
    mapping: 'preset' in mapping ? (mapping as { preset: string }) : { inline: mapping },
    raw: 'none',
    require: {},
    redact: [],
    hashKeys: testKeys,
    routes: [],
    ...more,
  }
}

export type Event = Readonly<Record<string, unknown>>

export function eventsOf(batch: NormalisedBatch): Event[] {
  const text = Buffer.from(batch.payload).toString()
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line): Event => JSON.parse(line))
}

export function lines(normaliser: InlineNormaliser, text: string | Uint8Array, offset = 0): NormalisedBatch {
  return normaliser.lines({ stream, bytes: new Uint8Array(Buffer.from(text)), offset, observed })
}

/** The one event that `mapping` makes of `record`. */
export function mapOne(mapping: object, record: unknown, more: Partial<NormaliserSpec> = {}): Event {
  const [event] = eventsOf(lines(compileNormaliser(spec(mapping, more)), `${JSON.stringify(record)}\n`))
  return event!
}

const validateOutput = new Ajv2020({ strict: false }).compile(auditEventSchema())

/** What the published schema says against an event; undefined when it is valid. */
export function invalid(event: Event): string | undefined {
  const log = { origin: 'affiant/test/1', seq: 0, size: 1 }
  return validateOutput({ ...event, log }) ? undefined : JSON.stringify(validateOutput.errors)
}
