import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPlanLog } from '../../src/delivery/plan-log.ts'
import { runsOf } from '../../src/delivery/planned-cut.ts'
import { batchOfMany } from '../sinks/batches.ts'

async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-plans-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const warnings: string[] = []
  const cursor = { durable: 0 }
  const path = join(directory, 'plans', 'lake')
  const open = async (type = 's3') => {
    const log = await openPlanLog({
      directory: path,
      type,
      durable: () => cursor.durable,
      warn: (message) => warnings.push(message),
    })
    onTestFinished(() => log[Symbol.asyncDispose]())
    return log
  }
  return { path, cursor, warnings, open }
}

test('a plan, its bytes included, is there for the next run; an ended one only says which events have gone', async () => {
  const { open, warnings } = await setUp()
  const log = await open()
  const first = batchOfMany(3)
  const second = batchOfMany(4, { firstSeq: 3 })
  const plan = { detail: { key: 'a/b' }, body: Buffer.from('bytes') }
  const [one, two] = await Promise.all([log.add(first, plan), log.add(second, plan)])
  await log.done(one!)
  const again = await open()
  expect(again.found.toSorted((a, b) => a.id - b.id)).toEqual([
    { id: one, epoch: 1, partition: '', runs: [3], firstSeq: 0, lastSeq: 2, done: true, plan: undefined },
    { id: two, epoch: 1, partition: '', runs: [4], firstSeq: 3, lastSeq: 6, done: false, plan },
  ])
  expect(await again.add(batchOfMany(1, { firstSeq: 7 }), undefined)).toBeGreaterThan(two!)
  expect(warnings).toEqual([])
})

test('what the destination has of a plan is not sent again by the next run', async () => {
  const { open, warnings } = await setUp()
  const log = await open('http')
  const id = await log.add(batchOfMany(10, { firstSeq: 20 }), undefined)
  for (const seqs of [[20], [21, 22], [27]]) await log.taken(id, Float64Array.from(seqs))
  const parts = [
    { id, runs: [3, 4, 1], firstSeq: 20, lastSeq: 27, done: true },
    { id, runs: [4, 1, 2], firstSeq: 23, lastSeq: 29, done: false },
  ]
  const next = await open('http')
  expect(next.found).toMatchObject(parts)
  await next.taken(id, Float64Array.of(28))
  // Said before it was written: it stands there twice.
  await Promise.all([next.taken(id, Float64Array.of(29)), next.taken(id, Float64Array.of(29))])
  await next.add(batchOfMany(1, { firstSeq: 30 }), undefined)
  expect((await open('http')).found.slice(0, 2)).toMatchObject([
    { id, runs: [3, 4, 3], done: true },
    { id, runs: [4], firstSeq: 23, lastSeq: 26, done: false },
  ])
  await next.done(id)
  expect((await open('http')).found[0]).toMatchObject({ id, runs: [10], done: true })
  expect(warnings).toEqual([])
})

test('a body that is damaged is made anew: the cut stays', async () => {
  const { path, open, warnings } = await setUp()
  const id = await (await open()).add(batchOfMany(3), { detail: 1, body: Buffer.from('bytes') })
  await writeFile(join(path, `${id}.body`), 'bytez')
  expect((await open()).found).toMatchObject([{ id, runs: [3], plan: undefined }])
  expect(warnings).toEqual([expect.stringContaining('damaged')])
})

test('a line that is damaged, or torn by a power cut, takes no other with it', async () => {
  const { path, open, warnings } = await setUp()
  const log = await open()
  for (const firstSeq of [0, 10, 20]) await log.add(batchOfMany(10, { firstSeq }), undefined)
  const text = await readFile(join(path, 'log'), 'utf8')
  await writeFile(join(path, 'log'), text.replace('"first":10', '"first":11'))
  expect((await open()).found.map(({ firstSeq }) => firstSeq)).toEqual([0, 20])
  expect(warnings).toHaveLength(1)
})

test('whichever line is damaged, what was fixed with its bytes stays fixed, and what is over stays over', async () => {
  const { path, open, warnings } = await setUp()
  const log = await open()
  for (const firstSeq of [0, 10, 20, 30]) {
    const id = await log.add(batchOfMany(10, { firstSeq }), {
      detail: { key: `k${firstSeq}` },
      body: Buffer.from(`bytes\n${firstSeq}\n`),
    })
    if (firstSeq < 20) await log.done(id)
  }
  await log[Symbol.asyncDispose]()
  const text = await readFile(join(path, 'log'), 'utf8')
  const lines = text.split('\n').filter(Boolean)
  // A header, four plans, two ends.
  expect(lines).toHaveLength(7)
  const opened = async () =>
    (await open()).found
      .map(({ firstSeq, lastSeq, done, plan }) => [firstSeq, lastSeq, done, String(plan?.body ?? '')])
      .toSorted(([a], [b]) => Number(a) - Number(b))
  const whole = await opened()
  expect(whole).toEqual([
    [0, 9, true, ''],
    [10, 19, true, ''],
    [20, 29, false, 'bytes\n20\n'],
    [30, 39, false, 'bytes\n30\n'],
  ])
  for (const [at, line] of lines.entries()) {
    const damaged = line.replace(/.$/, '?')
    await writeFile(join(path, 'log'), lines.with(at, damaged).join('\n'))
    // Where the end of a plan is lost, it is sent once more, the same in every byte: its body is gone only then.
    expect(await opened()).toEqual(
      whole.map((cut, index) =>
        index < 2 && line.startsWith(`{"done":${index + 1}`, 9) ? cut.with(2, false) : cut,
      ),
    )
  }
  expect(warnings.filter((warning) => warning.includes('a line of'))).toHaveLength(lines.length)
  // The log that was read is whole again, so that one damage after the other takes nothing.
  const { length } = warnings
  await opened()
  expect(warnings).toHaveLength(length)
  await rm(join(path, 'log'))
  expect(await opened()).toEqual(whole.slice(2))
  const again = await open()
  expect(await again.add(batchOfMany(1, { firstSeq: 40 }), undefined)).toBeGreaterThan(4)
})

test('what the cursor on disk has passed is forgotten, its bodies too', async () => {
  const { path, cursor, open } = await setUp()
  const log = await open()
  await log.add(batchOfMany(10), { detail: 1, body: Buffer.from('a') })
  await log.add(batchOfMany(10, { firstSeq: 10 }), { detail: 1, body: Buffer.from('b') })
  cursor.durable = 10
  expect((await open()).found.map(({ firstSeq }) => firstSeq)).toEqual([10])
  expect((await readdir(path)).filter((name) => name.endsWith('.body'))).toHaveLength(1)
})

test('a log that is full is written anew, and stays small however long an old batch waits', {
  timeout: 60_000,
}, async () => {
  const { path, open } = await setUp()
  const log = await open()
  const old = await log.add(batchOfMany(1), undefined)
  // Each about 150 bytes: several times what is laid out ahead.
  const count = 12_000
  for (let at = 0; at < count; at += 100) {
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        log.add(batchOfMany(1, { firstSeq: 1 + at + index }), undefined),
      ),
    )
    await Promise.all(ids.map((id) => log.done(id)))
  }
  expect((await readFile(join(path, 'log'))).length).toBeLessThan(2.5 * 1024 ** 2)
  const { found } = await open()
  expect(found.filter(({ done }) => !done).map(({ id }) => id)).toEqual([old])
  const gone = found.filter(({ done }) => done)
  expect(gone.length).toBeLessThan(count)
  const lengths = gone.flatMap(({ runs }) => runs.filter((_, index) => index % 2 === 0))
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(count)
})

test('a plan of another type of sink only says which events were together', async () => {
  const { open } = await setUp()
  await (await open('s3')).add(batchOfMany(2), { detail: { key: 'k' }, body: Buffer.from('x') })
  expect((await open('http')).found).toMatchObject([{ runs: [2], plan: undefined }])
})

test('runs of strewn seqs', () => {
  expect(runsOf(Float64Array.of(4))).toEqual([1])
  expect(runsOf(Float64Array.of(4, 5, 9, 20, 21))).toEqual([2, 3, 1, 10, 2])
})
