import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { schemaText } from '../../src/cli/schema.ts'

test.each([
  ['config', 'schema/affiant.schema.json'],
  ['event', 'schema/audit-event-1.schema.json'],
])('%s is %s', async (which, file) => {
  expect(schemaText(which)).toBe(await readFile(file, 'utf8'))
})

test('another name is a usage error that says what there is', () => {
  expect(() => schemaText('evnt')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'there is no schema "evnt"',
      hint: 'did you mean event? there are config, event',
    }),
  )
  expect(() => schemaText('toString')).toThrow(expect.objectContaining({ code: 'usage' }))
})
