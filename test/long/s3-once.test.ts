/**
 * An event is in one object, whatever happens between the plan of a batch and its end: the agent is killed there again and
 * again, and started with another compression, level, key and size of batches, over a damaged plan log.
 */
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { delivering, lettersOf } from '../failures/delivering.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { full, randomFrom, seed } from '../seed.ts'
import { type Answer, type Bucket, openBucket, refuse, s3Sink } from '../sinks/s3/bucket.ts'

const lifetimes = full ? 200 : 25
const events = full ? 20_000 : 3_000

/** Answers that are lost, refused, late: each with its turn. While it is frozen, nothing more is stored. */
function faulty(bucket: Bucket, random: () => number) {
  let frozen = Promise.withResolvers<void>()
  frozen.resolve()
  let stored = 0
  const answer: Answer = async (request, response) => {
    await frozen.promise
    const dice = random()
    if (dice < 0.1) return refuse(response, 503, 'SlowDown')
    if (dice < 0.2) return void request.socket.resetAndDestroy()
    if (request.method === 'PUT') {
      stored++
      // It is stored, and nobody hears of it.
      if (dice < 0.5) response.end = () => response.destroy() as typeof response
    }
    await bucket.accept(request, response)
  }
  bucket.answer = answer
  return {
    get stored() {
      return stored
    },
    freeze: () => {
      frozen = Promise.withResolvers()
    },
    thaw: () => frozen.resolve(),
  }
}

function linesIn(bucket: Bucket): string[] {
  return [...bucket.objects].flatMap(([key, { body }]) => {
    const plain = key.endsWith('.gz')
      ? gunzipSync(body)
      : key.endsWith('.zst')
        ? zstdDecompressSync(body)
        : body
    return plain.toString().trimEnd().split('\n')
  })
}

/** Names, sizes and times of the files in a directory. */
async function stateOf(directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => [])
  const states = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(directory, name)).catch(() => ({ size: -1, mtimeMs: -1 }))
      return `${name} ${size} ${mtimeMs}`
    }),
  )
  return states.toSorted((a, b) => (a < b ? -1 : 1)).join()
}

/** One line of the log is not what it was. */
async function damage(path: string, random: () => number): Promise<void> {
  const text = await readFile(path, 'latin1').catch(() => '')
  const lines = text.split('\n').filter(Boolean)
  if (lines.length < 2) return
  const at = 1 + Math.floor(random() * (lines.length - 1))
  const line = lines[at] ?? ''
  const place = Math.floor(random() * line.length)
  lines[at] = `${line.slice(0, place)}?${line.slice(place + 1)}`
  await writeFile(path, `${lines.join('\n')}\n`, 'latin1')
}

test.each([false, true])(
  `over ${lifetimes} lives each event is in one object (plan log damaged: %s, seed ${seed})`,
  async (damaged) => {
    const random = randomFrom(seed)
    const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)]!
    const bucket = await openBucket()
    onTestFinished(() => bucket[Symbol.asyncDispose]())
    const store = faulty(bucket, random)
    await using first = await temporaryDirectory()
    let home = join(first.path, 'data-0')
    {
      await using journal = await open(home)
      for (let from = 0; from < events; from += 500) {
        const texts = range(from, from + 500).map((n) =>
          JSON.stringify({
            action: 'test.event',
            actor: { id: `u_${n % 3}` },
            n,
            time: `2026-05-01T1${n % 2}:00:00.000000000Z`,
          }),
        )
        await journal.append(batchOf(texts), { stream: stream(1) })
      }
    }

    for (let life = 1; life <= lifetimes; life++) {
      const last = life === lifetimes
      await using journal = await open(home)
      const compression = pick('gzip', 'zstd', 'none')
      const sink = s3Sink(bucket.url, {
        compression,
        // How long a name is left alone after a request that was given up, too.
        timeout: '300ms',
        compression_level: pick(1, 6, 9),
        checksum: pick('crc32c', 'sha256'),
        key: pick('{agent}/{date}/{hour}/{range}', 'x/{actor.id}/{range}', '{epoch}/{hour}/{range}'),
      })
      const delivery = await delivering(journal, home, sink, 'archive', {
        maxEvents: pick(7, 20, 50),
        warn: () => undefined,
      })
      if (last) bucket.answer = bucket.accept
      const until = store.stored + Math.ceil(random() * 12)
      if (last) await delivery.settledThrough(events, AbortSignal.timeout(60_000))
      else {
        await expect
          .poll(() => store.stored >= until || delivery.status().settled >= events, {
            timeout: 20_000,
            interval: 1,
          })
          .toBe(true)
        store.freeze()
        // Files are copied one after the other: until what was answered before is written down, they do not fit each other.
        let before = ''
        const still = async () => {
          const now = await stateOf(join(home, 'plans', 'archive'))
          const same = now === before
          before = now
          return same
        }
        await expect.poll(still, { timeout: 10_000, interval: 100 }).toBe(true)
        // A kill: what is on the disk at this moment is all that the next life has.
        const next = join(first.path, `data-${life}`)
        await expect
          .poll(() =>
            cp(home, next, { recursive: true, force: true }).then(
              () => true,
              () => false,
            ),
          )
          .toBe(true)
        if (damaged) await damage(join(next, 'plans', 'archive', 'log'), random)
        const dead = home
        home = next
        await delivery.stop(0)
        await rm(dead, { recursive: true, force: true, maxRetries: 3 })
        store.thaw()
      }
      if (last) await delivery.stop(0)
    }

    const numbers = linesIn(bucket).map((line): number => JSON.parse(line).n)
    expect(numbers.toSorted((a, b) => a - b)).toEqual(range(0, events))
    expect(await lettersOf(home, 'archive')).toEqual([])
  },
)
