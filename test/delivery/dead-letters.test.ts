import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { VirtualClock } from './virtual-clock.ts'

async function setUpLetters(limits: { maxBytes?: number; fileBytes?: number } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'affiant-dlq-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const directory = join(root, 'dlq', 'siem')
  const open = () => openDeadLetters({ directory, clock: new VirtualClock(), ...limits })
  return { root, directory, open }
}

const letter = (seq: number, line = `{"action":"a","log":{"seq":${seq}}}`) => ({
  sink: 'siem',
  seq,
  attempts: 3,
  reason: 'HTTP 400: "no"',
  line: Buffer.from(line),
})

test('a letter holds the refused line byte for byte, and why', async () => {
  const { directory, open } = await setUpLetters()
  await using letters = await open()
  expect(await readdir(directory).catch(() => 'none')).toBe('none')
  const line = '{"action":"ü","n":1e2,  "log":{"seq":41}}'
  expect(await letters.add([letter(41, line), letter(43)])).toBeNull()
  const [name] = await readdir(directory)
  expect(name).toBe('2026-11-23T110000000Z-41.ndjson')
  expect((await stat(join(directory, name!))).mode & 0o777).toBe(0o600)
  const [first, second, end] = (await readFile(join(directory, name!), 'utf8')).split('\n')
  expect(first).toBe(
    '{"schema":"dead-letter/1","time":"2026-11-23T11:00:00.000Z","sink":"siem","seq":41,"attempts":3,' +
      `"reason":"HTTP 400: \\"no\\"","event":${line}}`,
  )
  expect(JSON.parse(second!)).toMatchObject({ seq: 43, event: { log: { seq: 43 } } })
  expect(end).toBe('')
})

test('letters of another run, and torn ones, are never written behind', async () => {
  const { directory, open } = await setUpLetters()
  const first = await open()
  await first.add([letter(1)])
  await first[Symbol.asyncDispose]()
  const [name] = await readdir(directory)
  await appendFile(join(directory, name!), '{"schema":"dead-le')
  await using second = await open()
  expect(await second.add([letter(1)])).toBeNull()
  expect(await readdir(directory)).toHaveLength(2)
})

test('files end at their size, and the limit counts all of them', async () => {
  const { directory, open } = await setUpLetters({ fileBytes: 300, maxBytes: 1500 })
  await using letters = await open()
  let kept = 0
  while ((await letters.add([letter(kept)])) === null) kept++
  expect(letters.bytes).toBeLessThanOrEqual(1500)
  expect(kept).toBeGreaterThan(5)
  const names = await readdir(directory)
  expect(names.length).toBeGreaterThan(2)
  expect(await letters.add([letter(99)])).toMatch(/have reached their limit of 1500 bytes/)
  // Room that somebody made is found without a restart.
  await rm(join(directory, names[0]!))
  expect(await letters.add([letter(99)])).toBeNull()
})

test('what cannot be written is said, and nothing settles by it', async () => {
  const { root, open } = await setUpLetters()
  await writeFile(join(root, 'dlq'), 'a file where the directory should be')
  await using letters = await open()
  expect(await letters.add([letter(1)])).toMatch(/^dead letters cannot be kept in .*dlq/)
  await rm(join(root, 'dlq'))
  expect(await letters.add([letter(1)])).toBeNull()
})
