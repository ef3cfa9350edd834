import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { schemaText } from '../../src/cli/schema.ts'

test.each([
  ['config', 'schema/affiant.schema.json'],
  ['event', 'schema/audit-event-1.schema.json'],
])('%s is %s', async (which, file) => {
  expect(await schemaText(which)).toBe(await readFile(file, 'utf8'))
})

test('another name is a usage error that says what there is', async () => {
  await expect(schemaText('evnt')).rejects.toMatchObject({
    code: 'usage',
    message: 'there is no schema "evnt"',
    hint: 'did you mean event? there are config, event',
  })
  await expect(schemaText('toString')).rejects.toMatchObject({ code: 'usage' })
})
