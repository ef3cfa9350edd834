// Real audit records of ten systems: one valid event a record, whichever preset reads them.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../src/event/canonical.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, spec } from './normalising.ts'

const samples = join(import.meta.dirname, '../../../shared/samples')
const present = existsSync(samples)

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

function scalars(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(scalars)
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value)
  return isTime ? [] : [JSON.stringify(value).replaceAll(/^"|"$/g, '')]
}
