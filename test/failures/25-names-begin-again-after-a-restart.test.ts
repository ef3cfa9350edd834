/**
 * Elsewhere a counter that begins again at a restart makes names that exist already. Here keys come from seqs, and files
 * are never written over. Held for the `http` sink's keys and for dead letters; object stores are not among the sinks yet.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { VirtualClock } from '../delivery/virtual-clock.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'
import { connected } from '../sinks/http/destination.ts'
import { append, delivering } from './delivering.ts'

test('over three runs, a key stands for one range of seqs', async () => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected()
  for (const run of [0, 1, 2]) {
    await using journal = await open(directory.path)
    await append(journal, run * 120, (run + 1) * 120)
    const delivery = await delivering(journal, directory.path, sink)
    await delivery.settledThrough(journal.durableSeq, AbortSignal.timeout(15_000))
    await delivery.stop(0)
  }
  const keys = destination.requests.map(({ headers }) => String(headers['idempotency-key']))
  expect(new Set(keys).size).toBe(keys.length)
  for (const [index, { body }] of destination.requests.entries()) {
    const seqs = String(body)
      .trimEnd()
      .split('\n')
      .map((line): number => JSON.parse(line).log.seq)
    expect(keys[index]).toMatch(new RegExp(`/${seqs[0]}-${seqs.at(-1)}(/|$)`))
  }
})

test('two runs that refuse the same event at the same moment leave two files', async () => {
  await using directory = await temporaryDirectory()
  const letters = join(directory.path, 'dlq', 'hook')
  for (const reason of ['first run', 'second run']) {
    await using store = await openDeadLetters({ directory: letters, clock: new VirtualClock() })
    expect(
      await store.add([{ sink: 'hook', seq: 7, attempts: 1, reason, line: Buffer.from('{}') }]),
    ).toBeNull()
  }
  const files = (await readdir(letters)).toSorted()
  const kept = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(letters, name), 'utf8'))),
  )
  expect(new Set(kept.map(({ reason }) => reason))).toEqual(new Set(['first run', 'second run']))
  expect(kept).toHaveLength(2)
})
