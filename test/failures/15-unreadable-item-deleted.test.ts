/**
 * Elsewhere an item of the queue that cannot be read is deleted with a line in the debug log. Here every error of reading
 * is heard, nothing is stepped over while it may pass, and what is lost for good is told and leaves evidence.
 */
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { range } from '../delivery/scripted-sink.ts'
import { BadSector, lostBetween, openOn, page, type Range, texts, written } from '../journal/bad-sector.ts'
import { drain, temporaryDirectory, until } from '../journal/journal-directory.ts'
import { connected } from '../sinks/http/destination.ts'
import { append, delivering, numbersIn } from './delivering.ts'

test('a disk that gives nothing back is not taken for an empty one: a clear error, and all is there later', async () => {
  const fs = await written()
  fs.dead = true
  await expect(openOn(fs)).rejects.toMatchObject({
    code: 'data_dir_unusable',
    message: expect.stringContaining('i/o error'),
  })
  fs.dead = false
  await using journal = await openOn(fs)
  expect(journal.recovery.damaged).toEqual([])
  await using reader = journal.read(0)
  expect(await drain(reader)).toHaveLength(texts.length)
})

test('an error of reading is heard at once, and what it hid is there when it has passed', async () => {
  const fs = await written()
  await using journal = await openOn(fs)
  await using reader = journal.read(0)
  fs.bad = 5 * page
  await expect(drain(reader)).rejects.toThrow('i/o error')
  const before = reader.position
  await expect(reader.next()).rejects.toThrow('i/o error')
  expect(reader.position).toBe(before)
  fs.bad = null
  // The same reader goes on where it was: nothing is stepped over.
  expect((await drain(reader)).map(([seq]) => seq)).toEqual(
    Array.from({ length: texts.length - before }, (_, i) => before + i),
  )
})

test('one that lasts is told as damage with its seqs, once, and reading goes on behind it', async () => {
  const fs = await written()
  let ahead = 0
  const clock: Clock = {
    ...systemClock,
    monotonic: () => performance.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
  }
  const told: Range[] = []
  await using journal = await openOn(fs, clock, (range) => told.push(range))
  fs.bad = 5 * page
  const readAll = async () => {
    await using reader = journal.read(0)
    return await drain(reader)
  }
  for (const seconds of [0, 20, 40]) {
    ahead = seconds * 1000
    await expect(readAll()).rejects.toThrow('i/o error')
    expect(told).toEqual([])
  }
  ahead = 70_000
  const lost = lostBetween(await readAll())
  expect(lost.length).toBeGreaterThan(2)
  expect(told).toMatchObject([{ firstSeq: lost[0], lastSeq: lost.at(-1) }])
  await readAll()
  expect(told).toHaveLength(1)
  const note = () => fs.files(`${told[0]!.file}.json`)[0]?.bytes.toString()
  await until(() => note() !== undefined)
  expect(JSON.parse(note() ?? '')).toMatchObject({ first_seq: lost[0], last_seq: lost.at(-1) })
})

test('a sink that cannot read what is next says so, waits, and delivers it when it can be read', async () => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected()
  const fs = new BadSector()
  await using journal = await openOn(fs)
  for (const n of range(0, 40)) await append(journal, n, n + 1, () => 'x'.repeat(900))
  fs.bad = 5 * page
  const delivery = await delivering(journal, directory.path, sink)
  await until(() => delivery.status().state === 'retrying')
  expect(delivery.status().lastError).toContain('i/o error')
  expect(numbersIn(destination.lines())).not.toContain(39)
  fs.bad = null
  await delivery.settledThrough(40, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect(numbersIn(destination.lines()).toSorted((a, b) => a - b)).toEqual(range(0, 40))
})
