// Receivers over all samples, a directory each: every record is recognised and becomes an event.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { byPreset, runOnce } from '../e2e/run-once.ts'
import { filesOf, present, type SampleSystem, sampleSystems, samples } from '../normalise/sample-systems.ts'

test.skipIf(!present)('every sample, recognised and by name', async () => {
  using directory = new WorkDirectory()
  const whole = sampleSystems.filter(({ of }) => of === undefined)
  const expected: Record<string, number> = {}
  for (const system of whole) {
    for (const file of filesOf(system)) {
      // These begin as another one does: they may be its copies, and are held back for a while.
      if (/out_of_order|rollover/.test(file)) continue
      const text = readFileSync(join(samples, file), 'utf8')
      const uncounted = system.counted === false ? system.malformed!.lines(file, text).length : 0
      expected[system.preset] = (expected[system.preset] ?? 0) + system.records(text) + uncounted
      // A last line without an end is one that is being written.
      directory.write(`${system.name}/${basename(file)}`, `${text.trimEnd()}\n`)
    }
  }
  const under = (systems: readonly SampleSystem[]) => systems.map(({ name }) => directory.at(name, '*'))
  const documents = whole.filter(({ start }) => start !== undefined)
  const lines = whole.filter(({ start }) => start === undefined)
  const named = lines.filter(({ preset }) => preset === 'okta')
  const { events } = await runOnce(directory, {
    all: { type: 'file', preset: 'auto', include: under(lines.filter((system) => !named.includes(system))) },
    documents: {
      type: 'file',
      preset: 'auto',
      multiline: { start: '^[\\[{]', timeout: '100ms' },
      include: under(documents),
    },
    named: { type: 'file', preset: 'okta', include: under(named) },
  })
  expect({
    ...byPreset(events),
    okta: events.filter(({ provenance }) => provenance.receiver === 'named').length,
  }).toEqual(expected)
})
