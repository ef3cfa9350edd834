import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { createKeyedHash } from '../../src/attribution/keyed-hash.ts'
import { hashCommand, hashPasswords } from '../../src/cli/hash.ts'
import { verifyPassword } from '../../src/receivers/server/password-hash.ts'

const directory = mkdtempSync(join(tmpdir(), 'affiant-hash-'))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function hash(more: object, input: string): Promise<string[]> {
  const config = join(directory, 'affiant.yaml')
  const written = {
    agent: { id: 'a', data_dir: directory },
    receivers: { app: { type: 'file', include: ['a.log'] } },
    sinks: { out: { type: 'stdout' } },
    ...more,
  }
  writeFileSync(config, JSON.stringify(written))
  let text = ''
  const output = { write: (part: string) => (text += part) }
  expect(await hashCommand({ config: [config], input: Readable.from([input]), output })).toBe(0)
  return text.trimEnd().split('\n')
}

test('each value under each key, the current one first; without a key an error that says so', async () => {
  const keys = [
    { id: 'new', secret: 'ab'.repeat(32) },
    { id: 'old', secret: 'cd'.repeat(32) },
  ]
  const [current, before] = keys.map((key) => createKeyedHash([key]))
  expect(await hash({ hash_keys: keys }, 'eve\r\nbob\n')).toEqual([
    current!('eve'),
    before!('eve'),
    current!('bob'),
    before!('bob'),
  ])
  await expect(hash({}, 'eve\n')).rejects.toMatchObject({ code: 'not_found' })
})

test('a password has a hash that knows it, with a salt of its own; an empty one has none', async () => {
  let text = ''
  const output = { write: (part: string) => (text += part) }
  expect(await hashPasswords({ input: Readable.from(['käse 1\nkäse 1\n']), output })).toBe(0)
  const [one, other] = text.trimEnd().split('\n')
  expect(one).not.toBe(other)
  // As another keyboard writes it: the accent by itself.
  expect(await verifyPassword('ka\u0308se 1', one!)).toBe(true)
  expect(await verifyPassword('käse 2', one!)).toBe(false)
  await expect(hashPasswords({ input: Readable.from(['\n']), output })).rejects.toMatchObject({
    code: 'usage',
  })
})
