// Every example of docs/mapping.md does what the page says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, spec } from './normalising.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/mapping.md'), 'utf8')
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
