/**
 * What events lie in is used again once the journal and its readers are done with it, and not before: each reader has
 * what was appended, whatever he does between two blocks. (test/written-over.ts makes all that is read too late show.)
 */
import { expect, test } from 'vitest'
import type { EncodedBatch } from '../../src/event/batch.ts'
import { HeldMemory } from '../../src/held-memory.ts'
import type { CommittedBlock, Journal, JournalReader } from '../../src/journal/contract.ts'
import { SizedPool } from '../../src/sized-pool.ts'
import { batchOf, open, smallConfig, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { randomFrom, seed } from '../seed.ts'

const mebibyte = 1024 ** 2
const count = 120

/** Of one event. */
const textOf = (seq: number) => `${seq}:`.padEnd(70_000 + 97 * seq, String.fromCharCode(97 + (seq % 26)))

/** In memory that goes back to the pool. */
function pooled(batch: EncodedBatch, pool: SizedPool, seen: Set<unknown>): EncodedBatch {
  const bytes = pool.take(batch.payload.length)
  seen.add(bytes.buffer)
  bytes.set(batch.payload)
  return { ...batch, payload: bytes.subarray(0, batch.payload.length), memory: new HeldMemory(bytes, pool) }
}

const isWhole = ({ payload, firstSeq }: CommittedBlock) => payload.toString() === `${textOf(firstSeq)}\n`

/** Reads on: what it holds is looked at when it comes and once more before it lets go of it. */
class Reader {
  read = 0
  readonly wrong: number[] = []
  readonly #reader: JournalReader
  readonly #releases: boolean
  #held: CommittedBlock | null = null

  constructor(journal: Journal, releases: boolean) {
    this.#reader = journal.read(0)
    this.#releases = releases
  }

  async next(): Promise<void> {
    this.#look()
    if (this.#releases) this.#reader.release()
    this.#held = await this.#reader.next()
    if (this.#held) this.read++
    this.#look()
  }

  #look(): void {
    if (this.#held && !isWhole(this.#held)) this.wrong.push(this.#held.firstSeq)
  }
}

test.each([
  { name: 'as it is', settings: {} },
  { name: 'compressed', settings: { compression: 'zstd' } },
])('readers near the head and behind it have what was appended: $name', async ({ settings }) => {
  await using directory = await temporaryDirectory()
  const random = randomFrom(seed)
  const config = smallConfig({ max_size: '256MiB', segment_size: '4MiB', ...settings })
  await using journal = await open(directory.path, { config, cacheBytes: mebibyte })
  const pool = new SizedPool({ most: 4 * mebibyte, largest: mebibyte })
  const seen = new Set<unknown>()
  const near = new Reader(journal, true)
  const slow = [new Reader(journal, true), new Reader(journal, true)]
  const forgetful = new Reader(journal, false)
  const all = [near, ...slow, forgetful]
  for (let seq = 0; seq < count; ) {
    const group = Array.from({ length: 1 + Math.floor(3 * random()) }, (_, n) => seq + n)
    seq += group.length
    const appended = group.map((n) =>
      journal.append(pooled(batchOf([textOf(n)]), pool, seen), { stream: stream(1) }),
    )
    // While it is being written.
    if (random() < 0.5) await forgetful.next()
    await Promise.all(appended)
    for (const _ of group) await near.next()
    for (const reader of slow) if (random() < 0.3) await reader.next()
  }
  const { durableSeq } = journal
  for (const reader of all) while (reader.read < durableSeq) await reader.next()
  expect(all.map(({ wrong }) => wrong)).toEqual(all.map(() => []))
  expect(seen.size).toBeLessThan(durableSeq / 2)
})
