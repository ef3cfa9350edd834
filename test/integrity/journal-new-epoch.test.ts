/** Guarantee: a journal that gives way to a new epoch loses nothing, whatever moment that is ended at, and no position names two events. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { beginEpoch } from '../../src/journal/begin-epoch.ts'
import type { FileSystem } from '../../src/journal/fs-port.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import {
  batchOf,
  drain,
  open,
  smallConfig,
  stream,
  temporaryDirectory,
} from '../journal/journal-directory.ts'

const texts = ['one', 'two', 'three']
const descriptor = Buffer.from('a file')

/** With three events of one stream, of which `hook` had the first. */
async function fill(dataDir: string) {
  await using journal = await open(dataDir)
  await journal.append(batchOf(texts), {
    stream: stream(1),
    descriptor,
    position: { offset: 77, ranges: [[90, 95]] },
  })
  const cursor = await journal.cursor('hook', { start: 'earliest', required: true })
  cursor.settle(1)
  const all = await journal.cursor('lake', { start: 'earliest', required: true })
  all.settle(3)
  return { epoch: journal.epoch, origin: journal.origin }
}

const begin = (dataDir: string, fs: FileSystem = nodeFileSystem) =>
  beginEpoch({
    fs,
    dataDir,
    agentId: 'test',
    config: smallConfig(),
    requester: { user: 'ops', uid: 0 },
    clock: systemClock,
    log: silentLog,
  })

async function eventsIn(dataDir: string) {
  await using journal = await open(dataDir)
  await using reader = journal.read(0)
  return { origin: journal.origin, streams: journal.liveStreams(), events: await drain(reader) }
}

async function check(dataDir: string, before: { readonly epoch: number; readonly origin: string }) {
  const aside = join(dataDir, 'epochs', String(before.epoch))
  expect(await eventsIn(aside)).toMatchObject({
    origin: before.origin,
    events: texts.map((text, seq) => [seq, text]),
  })
  await using journal = await open(dataDir)
  expect(journal.epoch).toBeGreaterThan(before.epoch)
  expect([journal.durableSeq, journal.recovery]).toMatchObject([0, { found: true, clean: true, events: 0 }])
  expect(journal.liveStreams()).toEqual([
    { stream: stream(1), descriptor, position: expect.objectContaining({ offset: 77, ranges: [[90, 95]] }) },
  ])
  // A sink that begins at the head misses nothing of what the start says of itself.
  await journal.append(batchOf(['after']), { stream: stream(1) })
  expect((await journal.cursor('hook', { start: 'head', required: true })).settled).toBe(0)
}

test('streams are read on, seqs begin anew, and what was not delivered is set aside and named', async () => {
  await using directory = await temporaryDirectory()
  const before = await fill(directory.path)
  expect(await begin(directory.path)).toMatchObject({
    from_origin: before.origin,
    last_seq: 2,
    set_aside: join(directory.path, 'epochs', String(before.epoch)),
    unsettled: [{ sink: 'hook', from: 1 }],
    requested_by: { user: 'ops' },
  })
  await check(directory.path, before)
})

test('ended at whichever rename, it is done by the next try, and no journal opens in between', async () => {
  for (let last = 0; ; last++) {
    await using directory = await temporaryDirectory()
    const before = await fill(directory.path)
    let renames = 0
    const fs: FileSystem = Object.assign(Object.create(nodeFileSystem), {
      rename: async (from: string, to: string) => {
        if (renames++ === last) throw new Error('ended')
        await nodeFileSystem.rename(from, to)
      },
    })
    const isWhole = await begin(directory.path, fs).then(
      () => true,
      () => false,
    )
    if (!isWhole) {
      const opened = await eventsIn(directory.path).catch((error: unknown) => error)
      if (opened instanceof Error) expect(opened.message).toContain('not all of it is in place')
      else expect(opened).toMatchObject({ origin: before.origin, events: { length: texts.length } })
      await begin(directory.path)
    }
    await check(directory.path, before)
    if (!isWhole) continue
    expect(last).toBeGreaterThan(8)
    return
  }
})

test('where there is no journal there is nothing to begin', async () => {
  await using directory = await temporaryDirectory()
  await expect(begin(directory.path)).rejects.toMatchObject({ code: 'not_found' })
})
