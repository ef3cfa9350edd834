// Every example of docs/mapping.md and docs/presets.md does what the page says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { runMappingTests } from '../../src/agent/mapping-tests.ts'
import { parseMapping } from '../../src/normalise/mapping/parse-mapping.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { findPreset } from '../../src/normalise/presets.ts'
import { fileReceiverConfig } from '../../src/receivers/file/config.ts'
import { framingRules } from '../../src/receivers/file/framing/rules.ts'
import { eventsOf, invalid, lines, spec } from './normalising.ts'

const page = ['mapping', 'presets']
  .map((name) => readFileSync(join(import.meta.dirname, `../../docs/${name}.md`), 'utf8'))
  .join('\n')
const blocks = [...page.matchAll(/```(?:yaml|json|text) (mapping|record|event)\n([\s\S]*?)```/g)]
const examples = blocks.flatMap(([, kind, text], i) =>
  kind === 'mapping'
    ? [{ line: text!.split('\n')[0]!, mapping: text!, record: blocks[i + 1]![2]!, event: blocks[i + 2]![2]! }]
    : [],
)

test('there are examples, each with its three parts', () => {
  expect(examples.length).toBeGreaterThanOrEqual(9)
  expect(blocks).toHaveLength(examples.length * 3)
})

test.each(examples)('$line', ({ mapping, record, event }) => {
  // JSON may stand on several lines here, any other record is one.
  const line = record.startsWith('{') ? JSON.stringify(JSON.parse(record)) : record.trimEnd()
  const [made] = eventsOf(lines(compileNormaliser(spec(parse(mapping) as object)), `${line}\n`))
  if (made === undefined) throw new Error('no event')
  expect(invalid(made)).toBeUndefined()
  expect(made).toMatchObject(JSON.parse(event))
  if (JSON.parse(event).unmapped === undefined) expect(made).not.toHaveProperty('unmapped')
  else expect(made.unmapped).toEqual(JSON.parse(event).unmapped)
})

test('tests within examples pass', async () => {
  const framing = framingRules(fileReceiverConfig.parse({ type: 'file', include: ['test'] }), undefined)
  let run = 0
  for (const { mapping } of examples) {
    const inline: unknown = parse(mapping)
    const { tests = [] } = parseMapping(inline, findPreset).mapping ?? {}
    for (const { name, passed, events } of await runMappingTests({
      spec: spec({ ...(inline as object) }),
      framing,
      tests,
    })) {
      expect({ name, passed, events }).toEqual({ name, passed: true, events: [] })
      run++
    }
  }
  expect(run).toBeGreaterThan(0)
})
