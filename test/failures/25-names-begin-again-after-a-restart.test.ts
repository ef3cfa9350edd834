/**
 * Elsewhere a counter that begins again at a restart makes names that exist already. Here names come from epoch and seqs, a
 * store is told not to overwrite, and files are never written over.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { VirtualClock } from '../delivery/virtual-clock.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'
import { connected } from '../sinks/http/destination.ts'
import { openBucket, s3Sink } from '../sinks/s3/bucket.ts'
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

test('s3: over three runs, and a fourth that has lost its data directory, no object is written twice', async () => {
  const bucket = await openBucket()
  onTestFinished(() => bucket[Symbol.asyncDispose]())
  await using directory = await temporaryDirectory()
  await using another = await temporaryDirectory()
  const places = [directory, directory, directory, another]
  for (const { path } of places) {
    await using journal = await open(path)
    await append(journal, journal.durableSeq, journal.durableSeq + 120)
    const delivery = await delivering(journal, path, s3Sink(bucket.url), 'archive')
    await delivery.settledThrough(journal.durableSeq, AbortSignal.timeout(15_000))
    await delivery.stop(0)
    // An epoch is a time: a journal that begins anew in the same second would have to share it.
    if (path === directory.path) continue
    const origins = bucket.lines().map((line): string => JSON.parse(line).log.origin)
    expect(new Set(origins).size).toBe(2)
  }
  const puts = bucket.requests.filter((request) => request.startsWith('PUT '))
  expect(puts.length).toBe(bucket.objects.size)
  expect(bucket.lines()).toHaveLength(4 * 120)
  for (const { headers } of bucket.objects.values()) expect(headers['if-none-match']).toBe('*')
  for (const [name, { body }] of bucket.objects) {
    const [, first, last] = /(\d{16})-(\d{16})\.ndjson\.gz$/.exec(name) ?? []
    const seqs = gunzipSync(body)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line): number => JSON.parse(line).log.seq)
    expect([Number(first), Number(last)]).toEqual([seqs[0], seqs.at(-1)])
  }
})
