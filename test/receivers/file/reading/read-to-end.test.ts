// Asked to read to the end: whatever was written before it was asked is committed when it answers, and only that is waited for.
import { appendFile, rename, truncate, unlink, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { until } from '../../until.ts'
import { Bench } from '../harness.ts'

const soon = () => AbortSignal.timeout(20_000)
/** Nothing is noticed but by being asked. */
const blind = { watch: 'poll', poll: '10s' }

test('what was written before, in old files and new ones, under a name that moved on, and behind a truncation', async () => {
  await using bench = await Bench.create()
  const names = ['a.log', 'b.log', 'c.log', 'idle.log', 'empty.log']
  for (const name of names) await writeFile(bench.path(name), name === 'empty.log' ? '' : `${name} 1\n`)
  const { receiver, intake } = await bench.start({ more: blind })
  await receiver.readToEnd?.(soon())
  expect(intake.texts().toSorted()).toEqual(['a.log 1', 'b.log 1', 'c.log 1', 'idle.log 1'])

  await appendFile(bench.path('a.log'), `a.log 2\n${'x'.repeat(600_000)}\nunfinished`)
  await appendFile(bench.path('b.log'), 'b.log 2\n')
  await rename(bench.path('b.log'), bench.path('b.log.1'))
  await writeFile(bench.path('b.log'), 'b.log again\n')
  await truncate(bench.path('c.log'), 0)
  await appendFile(bench.path('c.log'), 'c\n')
  await writeFile(bench.path('new.log'), 'new.log 1\n')
  await receiver.readToEnd?.(soon())
  const short = intake.texts().map((text) => (text.length > 100 ? `${text.length} bytes` : text))
  expect(short.toSorted()).toEqual([
    '600000 bytes',
    'a.log 1',
    'a.log 2',
    'b.log 1',
    'b.log 2',
    'b.log again',
    'c',
    'c.log 1',
    'idle.log 1',
    'new.log 1',
  ])
})

test('a file that was truncated and is as long again', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'line 0\n')
  const { receiver, intake } = await bench.start({ more: blind })
  for (let line = 1; line < 6; line += 1) {
    await receiver.readToEnd?.(soon())
    expect(intake.texts().at(-1)).toBe(`line ${line - 1}`)
    await writeFile(bench.path('a.log'), `line ${line}\n`)
  }
})

test('compressed files, files that are gone, and a file whose first line is not complete are no reason to wait', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), gzipSync('one\ntwo\n'))
  await writeFile(bench.path('b.log'), 'half')
  await writeFile(bench.path('c.log'), 'c\n')
  const { receiver, intake } = await bench.start({ more: blind })
  await receiver.readToEnd?.(soon())
  await unlink(bench.path('c.log'))
  await receiver.readToEnd?.(soon())
  expect(intake.texts().toSorted()).toEqual(['c', 'one', 'two'])
})

test('what the journal does not take is waited for, until the signal aborts; two may wait at once', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'one\n')
  const { receiver, intake } = await bench.start({ more: blind })
  await receiver.caughtUp
  intake.hold()
  await appendFile(bench.path('a.log'), 'two\n')
  const ended = new AbortController()
  const given = receiver.readToEnd?.(ended.signal)
  let read = false
  const patient = receiver.readToEnd?.(soon()).then(() => {
    read = true
  })
  ended.abort(new Error('ended'))
  await expect(given).rejects.toThrow('ended')
  expect({ read, texts: intake.texts() }).toEqual({ read: false, texts: ['one'] })
  intake.relieve()
  await patient
  expect(intake.texts()).toEqual(['one', 'two'])
})

test('a receiver that stops ends it', async () => {
  await using bench = await Bench.create()
  const { receiver, intake } = await bench.start({ more: blind })
  intake.hold()
  await writeFile(bench.path('a.log'), 'one\n')
  const asked = receiver.readToEnd?.(soon())
  const refused = asked?.then(
    () => false,
    () => true,
  )
  await until('it is being read', () => intake.pending > 0)
  const stopped = receiver.stop()
  intake.relieve()
  await stopped
  expect(await refused).toBe(true)
})
