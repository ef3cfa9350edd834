import { describe, expect, test } from 'vitest'
import { findEvent, openJournalForReading } from '../../src/journal/reading.ts'
import { batchOf, drain, open, smallConfig, stream, temporaryDirectory, until } from './journal-directory.ts'

describe('journal', () => {
  test('gives seqs in call order and reads back what was appended', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path)
    const commits = await Promise.all([
      journal.append(batchOf(['a', 'b']), { stream: stream(1) }),
      journal.append(batchOf(['c']), { stream: stream(2) }),
      journal.append(batchOf(['d', 'e', 'f']), { stream: stream(1) }),
    ])
    expect(commits).toEqual([
      { firstSeq: 0, count: 2 },
      { firstSeq: 2, count: 1 },
      { firstSeq: 3, count: 3 },
    ])
    expect(journal.durableSeq).toBe(6)
    await using reader = journal.read(0)
    expect(await drain(reader)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((text, seq) => [seq, text]))
    expect(await reader.next()).toBeNull()
    expect(reader.position).toBe(6)
  })

  test('reads the same from disk as from memory, raw bytes and route bits included', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path, { cacheBytes: 0, routes: '[{"to":["a"]}]' })
    await using cached = await open(`${directory.path}/other`, { routes: '[{"to":["a"]}]' })
    const batch = batchOf(['{"a":1}', '{"b":"ü"}'], ['', 'raw \u0000 bytes'])
    const blocks = []
    for (const each of [journal, cached]) {
      await each.append(batch, { stream: stream(7) })
      await using reader = each.read(0)
      const block = await reader.next()
      if (!block) throw new Error('no block')
      const { epoch: _, writtenTime: __, payload, raw, ...rest } = block
      blocks.push({ ...rest, payload: payload.toString(), raw: raw.toString() })
    }
    expect(blocks[0]).toEqual(blocks[1])
    expect(blocks[0]).toMatchObject({ raw: 'raw \u0000 bytes', routeWords: 1, count: 2 })
    expect(blocks[0]?.routes).toEqual(Uint32Array.of(1, 2))
    expect(blocks[0]?.rawLengths).toEqual(Uint32Array.of(0, 11))
  })

  test('goes on after a restart: seqs, epoch, events, streams and cursors', async () => {
    await using directory = await temporaryDirectory()
    const descriptor = Buffer.from('{"inode":7}')
    const first = await open(directory.path)
    expect(first.recovery).toMatchObject({ found: false, clean: true })
    await first.append(batchOf(['one']), {
      stream: stream(1),
      descriptor,
      position: { offset: 4, ranges: [] },
    })
    await first.append(batchOf(['two']), { stream: stream(1), position: { offset: 8, ranges: [[10, 12]] } })
    await first.append(batchOf(['otlp']), { stream: stream(2) })
    const cursor = await first.cursor('sink', { start: 'earliest', required: true })
    cursor.settle(2)
    const { epoch, origin } = first
    await first[Symbol.asyncDispose]()

    await using second = await open(directory.path)
    expect(second).toMatchObject({ epoch, origin, durableSeq: 3 })
    expect(second.origin).toBe(`affiant/test/${epoch}`)
    expect(second.recovery).toMatchObject({ found: true, clean: true, tornBytes: 0, events: 3, damaged: [] })
    expect(second.liveStreams()).toEqual([
      { stream: stream(1), descriptor, position: { offset: 8, ranges: [[10, 12]] } },
    ])
    const again = await second.cursor('sink', { start: 'earliest', required: true })
    expect(again.settled).toBe(2)
    expect(again.history.map(([settled]) => settled)).toEqual([2])
    expect(await second.append(batchOf(['three']), { stream: stream(2) })).toEqual({ firstSeq: 3, count: 1 })
    await using reader = second.read(1)
    expect((await drain(reader)).map(([seq]) => seq)).toEqual([1, 2, 3])
  })

  test('a position alone moves a stream, and takes no seq', async () => {
    await using directory = await temporaryDirectory()
    const descriptor = Buffer.from('x')
    const first = await open(directory.path)
    await first.append(batchOf([]), { stream: stream(1), descriptor, position: { offset: 99, ranges: [] } })
    expect(first.durableSeq).toBe(0)
    await using reader = first.read(0)
    expect(await reader.next()).toBeNull()
    await first[Symbol.asyncDispose]()
    await using second = await open(directory.path)
    expect(second.liveStreams()).toEqual([
      { stream: stream(1), descriptor, position: { offset: 99, ranges: [] } },
    ])
  })

  test('fills segment after segment; a quiet stream stays known; a forgotten one does not', async () => {
    await using directory = await temporaryDirectory()
    const first = await open(directory.path)
    const position = { offset: 1, ranges: [] }
    await first.append(batchOf(['q']), { stream: stream(1), descriptor: Buffer.from('quiet'), position })
    await first.append(batchOf(['g']), { stream: stream(2), descriptor: Buffer.from('gone'), position })
    first.forgetStream(stream(2))
    const text = 'x'.repeat(10_000)
    for (let i = 0; i < 40; i++) await first.append(batchOf([`${i} ${text}`]), { stream: stream(3) })
    expect(first.stats().segments).toBeGreaterThan(5)
    await using slow = first.read(0)
    expect((await drain(slow)).map(([seq]) => seq)).toEqual(Array.from({ length: 42 }, (_, i) => i))
    await first[Symbol.asyncDispose]()
    await using second = await open(directory.path)
    expect(second.liveStreams().map(({ stream: id }) => id)).toEqual([stream(1)])
  })

  test('a block larger than a segment gets a segment of its own', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path, { cacheBytes: 0 })
    const large = 'y'.repeat(300_000)
    await journal.append(batchOf(['before']), { stream: stream(1) })
    await journal.append(batchOf([large]), { stream: stream(1) })
    await journal.append(batchOf(['after']), { stream: stream(1) })
    await using reader = journal.read(0)
    expect((await drain(reader)).map(([, text]) => text)).toEqual(['before', large, 'after'])
  })

  test('tells who waits for more, and who waits in vain', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path)
    await using reader = journal.read(0)
    const waiting = reader.waitForMore(AbortSignal.timeout(10_000))
    await journal.append(batchOf(['a']), { stream: stream(1) })
    await waiting
    expect(await drain(reader)).toHaveLength(1)
    const stop = new AbortController()
    const inVain = reader.waitForMore(stop.signal)
    stop.abort(new Error('enough'))
    await expect(inVain).rejects.toThrow('enough')
  })

  test('a changed route table starts a new segment; each block says which table it means', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path, { cacheBytes: 0 })
    await journal.useRoutes('["one"]')
    const before = journal.append(batchOf(['a']), { stream: stream(1) })
    const told: string[] = []
    let after: Promise<unknown> | undefined
    await journal.useRoutes('["two"]', {
      appended: () => {
        after = journal.append(batchOf(['b']), { stream: stream(1) })
      },
      committed: () => told.push(`behind ${journal.durableSeq}`),
    })
    await Promise.all([before, after])
    expect(told).toEqual(['behind 1'])
    await journal.useRoutes('["two"]')
    expect(journal.stats().segments).toBe(2)
    const view = await openJournalForReading(directory.path)
    const tables = await Promise.all(
      [0, 1].map(async (seq) => await view.routes((await findEvent(view, seq))?.block.routeTable ?? '')),
    )
    expect(tables).toEqual(['["one"]', '["two"]'])
  })

  test('another agent id on the same directory is refused', async () => {
    await using directory = await temporaryDirectory()
    await (await open(directory.path))[Symbol.asyncDispose]()
    await expect(open(directory.path, { agentId: 'other' })).rejects.toMatchObject({
      code: 'data_dir_unusable',
      message: expect.stringContaining('agent test, not other'),
    })
    await (await open(directory.path))[Symbol.asyncDispose]()
  })

  test('after closing nothing is taken', async () => {
    await using directory = await temporaryDirectory()
    const journal = await open(directory.path)
    const pending = journal.append(batchOf(['last']), { stream: stream(1) })
    const closing = journal[Symbol.asyncDispose]()
    await expect(journal.append(batchOf(['late']), { stream: stream(1) })).rejects.toMatchObject({
      code: 'journal_closed',
    })
    await closing
    expect(await pending).toEqual({ firstSeq: 0, count: 1 })
    await journal[Symbol.asyncDispose]()
  })

  test('can be looked at while an agent writes it', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path)
    await journal.append(batchOf(['seen'], ['raw']), { stream: stream(1) })
    const view = await openJournalForReading(directory.path)
    expect(view).toMatchObject({ epoch: journal.epoch, origin: journal.origin, firstSeq: 0, durableSeq: 1 })
    const found = await findEvent(view, 0)
    expect([found?.canonical.toString(), found?.raw.toString()]).toEqual(['seen', 'raw'])
    expect(await findEvent(view, 1)).toBeNull()
    await journal.append(batchOf(['later']), { stream: stream(1) })
    expect((await openJournalForReading(directory.path)).durableSeq).toBe(2)
  })

  test('an unacknowledged batch is not visible, an acknowledged one is at once', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path, { config: smallConfig({ max_size: '64MiB' }) })
    await using reader = journal.read(0)
    const append = journal.append(batchOf(['a']), { stream: stream(1) })
    expect(await reader.next()).toBeNull()
    await append
    expect((await reader.next())?.firstSeq).toBe(0)
    await until(() => journal.stats().commits === 1)
  })
})
