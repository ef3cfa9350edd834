/** kill -9 of a real process that appends: each line is in the journal exactly once. AFFIANT_KILL_ROUNDS=200 goes on longer. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { drain, temporaryDirectory } from '../journal/journal-directory.ts'

const rounds = Number(process.env.AFFIANT_KILL_ROUNDS ?? 3)
const program = fileURLToPath(new URL('../journal/append-forever.ts', import.meta.url))

/** Kills the process at some moment after its first acknowledgement; the last line it acknowledged. */
async function round(dataDir: string): Promise<number> {
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const killAfter = Math.floor(Math.random() * 60)
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (said.split('\n').length > killAfter) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  // What follows the last newline was cut off in the middle.
  const lines = said.split('\n').slice(0, -1).map(Number)
  return Math.max(-1, ...lines)
}

test(
  `nothing acknowledged is lost, nothing is there twice (${rounds} kills)`,
  async () => {
    await using directory = await temporaryDirectory()
    let acknowledged = -1
    for (let i = 0; i < rounds; i++) acknowledged = Math.max(acknowledged, await round(directory.path))
    expect(acknowledged).toBeGreaterThan(0)
    const view = await openJournalForReading(directory.path)
    await using reader = view.read(0)
    const events = await drain(reader)
    expect(events.length).toBeGreaterThan(acknowledged)
    expect(events.filter(([seq, text]) => text !== String(seq))).toEqual([])
    expect(events.length).toBe(view.durableSeq)
    expect(view.damage).toEqual([])
  },
  20_000 + rounds * 2000,
)
