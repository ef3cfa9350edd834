// Real audit records of ten systems: one valid event a record, whichever preset reads them.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../src/event/canonical.ts'
import { detectPreset } from '../../src/normalise/detect/detect-preset.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { firstRecords } from '../../src/receivers/file/framing/first-records.ts'
import { eventsOf, invalid, lines, spec } from './normalising.ts'
import {
  completenessOf,
  filesOf,
  framingOf,
  present,
  readSystem,
  sampleSystems,
  samples,
} from './sample-systems.ts'

test.runIf(process.env.CI !== undefined)('the samples are there in CI', () => {
  expect(present).toBe(true)
})

const files = present ? globSync('*/*.jsonl', { cwd: samples }).toSorted() : []

describe.skipIf(!present).each(['json', 'kubernetes', 'plain'])('preset %s', (preset) => {
  const normaliser = compileNormaliser(spec({ preset }))
  test.each(present ? files : ['absent'])('%s', (file) => {
    const bytes = readFileSync(join(samples, file))
    const batch = lines(normaliser, bytes)
    const count = bytes.toString().trimEnd().split('\n').length
    expect(batch.count).toBe(count)
    expect(batch.unparsed).toBe(0)
    for (const event of eventsOf(batch)) expect(invalid(event)).toBeUndefined()
    const canonical = eventsOf(batch).map((event) => `${canonicalize(event)}\n`)
    expect(Buffer.from(batch.payload).toString()).toBe(canonical.join(''))
  })
})

test.skipIf(!present)('every scalar of a Kubernetes sample is somewhere in its event', () => {
  const text = readFileSync(join(samples, 'kubernetes/events.jsonl'), 'utf8').trimEnd()
  const batch = lines(compileNormaliser(spec({ preset: 'kubernetes' })), `${text}\n`)
  const missing = text.split('\n').flatMap((line, i) => {
    const event = JSON.stringify(eventsOf(batch)[i])
    return scalars(JSON.parse(line)).filter((value) => !event.includes(value))
  })
  expect(missing).toEqual([])
})

describe.skipIf(!present).each(sampleSystems)('$name by its own preset', (system) => {
  const { events: total, records, malformed, counted = true, complete, why } = system

  test(`${total} events, all valid, each of a record; read whole but for what is malformed`, async () => {
    const files = await readSystem(system)
    const events = files.flatMap((file) => file.events)
    for (const { file, text, events: made } of files) {
      const broken = malformed?.lines(file, text) ?? []
      expect(made.length, file).toBe(records(text) + (counted ? 0 : broken.length))
      const unsure = made.filter(({ quality }) => quality.parse !== 'ok')
      expect(unsure.map(({ provenance }) => lineAt(text, provenance.offset))).toEqual(broken)
    }
    expect(events).toHaveLength(total)
    expect(events.map(invalid).filter((problem) => problem !== undefined)).toEqual([])
    const { complete: answered } = completenessOf(events)
    expect((100 * answered) / total).toBeGreaterThanOrEqual(complete)
    if (answered < 0.95 * total) expect(why, 'the reason why so much is missing').toBeDefined()
  })
})

const lineAt = (text: string, offset: number) =>
  Buffer.from(text).subarray(0, offset).toString().split('\n').length

// Each file is recognised as what it is: of a file with several systems' records, as the one that most are of.
const main = new Map(
  sampleSystems.toReversed().flatMap((system) => filesOf(system).map((file) => [file, system])),
)

describe.skipIf(!present)('preset: auto', () => {
  test.each([...main].map(([file, system]) => ({ file, system })))(
    '$file: $system.preset',
    async ({ file, system }) => {
      const bytes = readFileSync(join(samples, file))
      const read = (buffer: Uint8Array, position: number) => {
        return Promise.resolve(bytes.copy(buffer, 0, position, position + buffer.length))
      }
      const found = detectPreset(await firstRecords({ read }, framingOf(system)))
      expect(found).toEqual({ preset: system.preset, recognised: true })
    },
  )
})

function scalars(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(scalars)
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value)
  return isTime ? [] : [JSON.stringify(value).replaceAll(/^"|"$/g, '')]
}
