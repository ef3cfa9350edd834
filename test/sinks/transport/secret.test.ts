import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSecret } from '../../../src/sinks/transport/secret.ts'

async function fileWith(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-secret-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'secret')
  await writeFile(file, text)
  return file
}

test('a file is read again when it changes, and not looked at with each request', async () => {
  const file = await fileWith('one\n')
  let now = 0
  const secret = openSecret({ what: 'sink s: token', config: { file }, now: () => now })
  expect(secret.known).toEqual([])
  expect(await secret.current()).toBe('one')
  await writeFile(file, 'second\r\n')
  now = 999
  expect(await secret.current()).toBe('one')
  now = 1_000
  expect(await secret.current()).toBe('second')
  // An answer to the old one may still come, and repeat it.
  expect(secret.known).toEqual(['second', 'one'])
})

test('after a 401 it is read at once', async () => {
  const file = await fileWith('one')
  const secret = openSecret({ what: 'sink s: token', config: { file }, now: () => 0 })
  await secret.current()
  await writeFile(file, 'two')
  secret.distrust()
  expect(await secret.current()).toBe('two')
})

test('a command runs once for all who wait, and again when its time is over', async () => {
  const counter = await fileWith('')
  const script = 'printf x >> "$0"; wc -c < "$0" | tr -d " "'
  let now = 0
  const config = { command: ['sh', '-c', script, counter], refresh: 60_000 }
  const secret = openSecret({ what: 'sink s: token', config, now: () => now })
  expect(await Promise.all([secret.current(), secret.current()])).toEqual(['1', '1'])
  now = 59_999
  expect(await secret.current()).toBe('1')
  now = 60_000
  expect(await secret.current()).toBe('2')
})

test('what cannot be read is said without what was printed', async () => {
  const empty = await fileWith('\n')
  for (const [config, reason] of [
    [{ file: '/nonexistent/token' }, /^sink s: token: ENOENT/],
    [{ file: empty }, /^sink s: token: it is empty$/],
    [
      { command: ['sh', '-c', 'echo hidden; echo hidden >&2; exit 3'], refresh: 1000 },
      /^sink s: token: the command ended with exit code 3$/,
    ],
    [
      { command: ['sh', '-c', 'echo hidden >&2; kill -9 $$'], refresh: 1000 },
      /^sink s: token: the command was ended by SIGKILL$/,
    ],
  ] as const) {
    const options = 'command' in config ? { ...config, command: [...config.command] } : config
    const failing = openSecret({ what: 'sink s: token', config: options })
    await expect(failing.current()).rejects.toMatchObject({ message: expect.stringMatching(reason) })
  }
})
