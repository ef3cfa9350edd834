import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { schemaCommand } from '../../src/cli/schema.ts'

function schema(which: string) {
  let out = ''
  let err = ''
  const code = schemaCommand(which, { write: (text) => (out += text) }, { write: (text) => (err += text) })
  return { code, out, err }
}

test.each([
  ['config', 'schema/affiant.schema.json'],
  ['event', 'schema/audit-event-1.schema.json'],
])('%s prints %s', async (which, file) => {
  expect(schema(which)).toEqual({ code: 0, out: await readFile(file, 'utf8'), err: '' })
})

test('another name is a usage error that says what there is', () => {
  expect(schema('evnt')).toEqual({
    code: 64,
    out: '',
    err: 'there is no schema "evnt". Did you mean event? Allowed: config, event\n',
  })
})
