/**
 * kill -9 of a real process that appends, and another first key at each start: each line is in the journal exactly once,
 * and every segment is read with the key it was written under.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { verifyJournal } from '../../src/cli/journal-verify.ts'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { drain, temporaryDirectory } from '../journal/journal-directory.ts'
import { full, randomFrom, seed } from '../seed.ts'

const rounds = full ? 60 : 5
const random = randomFrom(seed)
const program = fileURLToPath(new URL('../journal/append-forever.ts', import.meta.url))

/** Kills the process some acknowledgements after its first; the last line it acknowledged. */
async function round(dataDir: string, settings: object): Promise<number> {
  const args = [program, dataDir, JSON.stringify(settings)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let said = ''
  const killAfter = 1 + Math.floor(random() * 60)
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (said.split('\n').length > killAfter) child.kill('SIGKILL')
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return Math.max(-1, ...said.split('\n').slice(0, -1).map(Number))
}

test(`keys rotate between kills (${rounds} kills, seed ${seed})`, async () => {
  await using directory = await temporaryDirectory()
  const keys: string[] = []
  let acknowledged = -1
  for (let i = 0; i < rounds; i++) {
    keys.unshift(i.toString(16).padStart(64, '0'))
    const compression = i % 2 === 0 ? 'zstd' : 'none'
    acknowledged = Math.max(acknowledged, await round(directory.path, { compression, encryption: { keys } }))
  }
  const ring = new KeyRing(keys.map(parseKey))
  const view = await openJournalForReading(directory.path, { keys: ring })
  await using reader = view.read(0)
  const events = await drain(reader)
  expect(events.length).toBeGreaterThan(acknowledged)
  expect(events.filter(([seq, text]) => text !== String(seq))).toEqual([])
  expect(view.damage).toEqual([])
  const said: string[] = []
  const code = await verifyJournal(directory.path, ring, (line) => said.push(line))
  expect(code, said.filter((line) => !line.includes(': good @')).join('\n')).toBe(0)
  // Each of the keys is needed.
  for (const key of keys) {
    const others = new KeyRing(keys.filter((each) => each !== key).map(parseKey))
    await expect(openJournalForReading(directory.path, { keys: others })).rejects.toMatchObject({
      code: 'journal_key',
    })
  }
})
