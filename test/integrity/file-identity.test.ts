/** A file is not its name: files that are gone, receivers that are renamed, or share one, streams that have ended. */
import { copyFileSync } from 'node:fs'
import { appendFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fileGeneration } from '../../src/event/id.ts'
import { StreamClaims } from '../../src/receivers/file/identity/claims.ts'
import { decodeDescriptor, encodeDescriptor } from '../../src/receivers/file/identity/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { MemoryIntake } from '../receivers/memory-intake.ts'
import { throughout, until } from '../receivers/until.ts'

test('a file that was gone before it was read is a gap, said once', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('audit.log'), 'zero\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await rm(bench.path('audit.log'))
  for (let restart = 0; restart < 3; restart += 1) {
    const next = await bench.start({ intake, known: intake.known() })
    await until('reported', () => intake.notes.length > 0)
    await next.receiver.stop()
  }
  expect(intake.notes.map(({ action, metadata }) => [action, metadata])).toEqual([
    [
      'affiant.stream.gap',
      { path: bench.path('audit.log'), reason: 'vanished', from: 5, to: null, certain: false },
    ],
  ])
})

test('a file that vanishes while the journal is full is read to its end', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\n')
  const { receiver, intake } = await bench.start({ chunkSize: 64, maxInFlight: 128 })
  await receiver.caughtUp
  intake.press()
  const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`)
  await appendFile(path, lines.map((line) => `${line}\n`).join(''))
  await rm(path)
  await throughout('kept', 500, () => intake.notes.length === 0)
  intake.relieve()
  await until('closed', () => intake.notes.length === 1)
  expect(intake.notes[0]?.action).toBe('affiant.stream.closed')
  expect(intake.texts()).toEqual(['one', ...lines])
})

test('a receiver with another name goes on where the old one was', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'one\n')
  const { receiver, intake } = await bench.start({ name: 'old', receivers: new Set(['old']) })
  await receiver.caughtUp
  await receiver.stop()
  await appendFile(bench.path('a.log'), 'two\n')
  const second = await bench.start({
    name: 'new',
    receivers: new Set(['new']),
    intake,
    known: intake.known(),
  })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['one', 'two'])
  await until('its own', () =>
    intake.known().some(({ descriptor }) => decodeDescriptor(descriptor)?.receiver === 'new'),
  )
  await second.receiver.stop()
  // One whose name is still in the configuration keeps what is its own.
  const third = await bench.start({
    name: 'other',
    receivers: new Set(['other', 'new']),
    include: ['nothing*'],
    intake,
    known: intake.known(),
  })
  expect(third.receiver.status()).toEqual([])
})

test('two receivers, one file: read once, after a restart by the one that had it', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'header\none\n')
  let claims = new StreamClaims()
  const names = new Set(['x', 'y'])
  const first = await bench.start({ name: 'y', receivers: names, claims })
  await first.receiver.caughtUp
  const { intake } = first
  const beside = await bench.start({ name: 'x', receivers: names, claims, intake })
  await beside.receiver.caughtUp
  // A new generation is no reason to change hands.
  await writeFile(bench.path('a.log'), 'header\n')
  await until('again', () => intake.texts().length === 3)
  await throughout('once', 100, () => intake.texts().length === 3)
  await first.receiver.stop()
  await beside.receiver.stop()
  claims = new StreamClaims()
  await appendFile(bench.path('a.log'), 'two\n')
  const known = intake.known()
  // All are there before the first one starts.
  const y = bench.create({ name: 'y', receivers: names, claims, intake, known })
  const x = await bench.start({ name: 'x', receivers: names, claims, intake, known })
  await y.receiver.start()
  await until('two', () => intake.texts().includes('two'))
  await throughout('once', 100, () => intake.texts().length === 4)
  expect(y.receiver.status()[0]?.stream).not.toBeNull()
  expect(x.receiver.status()[0]?.stream).toBeNull()
})

for (const [when, born] of [
  ['was born later', '1'],
  ['is not known to be born later', undefined],
] as const) {
  test(`a file with the inode of one that another receiver had is read, when it ${when}`, async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'old\n')
    const x = { name: 'x', include: ['a*'], receivers: new Set(['x', 'y']) }
    const first = await bench.start(x)
    await first.receiver.caughtUp
    await first.receiver.stop()
    await rm(bench.path('a.log'))
    await writeFile(bench.path('b.log'), 'new\n')
    const { ino } = await stat(bench.path('b.log'), { bigint: true })
    const known = first.intake.known().map((stream) => {
      const { born: _, ...descriptor } = decodeDescriptor(stream.descriptor) ?? expect.unreachable()
      const given = { ...descriptor, inode: String(ino), ...(born && { born }) }
      return { ...stream, descriptor: encodeDescriptor(given) }
    })
    const claims = new StreamClaims()
    const { intake } = first
    // All are there before the first one starts, and looks at its files.
    const again = bench.create({ ...x, claims, intake, known })
    await bench.start({ ...x, name: 'y', include: ['b*'], claims, intake, known })
    await again.receiver.start()
    await until('new', () => intake.texts().includes('new'))
    expect(intake.texts()).toEqual(['old', 'new'])
  })
}

test('a file with the inode and the first line of one that another receiver had is read', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'header\nold\n')
  const x = { name: 'x', include: ['a*'], receivers: new Set(['x', 'y']) }
  const { receiver, intake } = await bench.start(x)
  await receiver.caughtUp
  await receiver.stop()
  await rm(bench.path('a.log'))
  await writeFile(bench.path('b.log'), 'header\nnew\n')
  const { dev, ino } = await stat(bench.path('b.log'), { bigint: true })
  const { id } = fileGeneration('agent-1', dev, ino, Buffer.from('header'))
  const known = intake.known().map((stream) => {
    const descriptor = decodeDescriptor(stream.descriptor) ?? expect.unreachable()
    const given = { ...descriptor, inode: String(ino), born: '1', finished: Date.now() }
    return { ...stream, id, descriptor: encodeDescriptor(given) }
  })
  const claims = new StreamClaims()
  const own = { claims, known, intake: new MemoryIntake() }
  await bench.start({ ...x, ...own })
  // What begins like x's, and that does not match.
  const y = await bench.start({ ...own, name: 'y', include: ['b*'], receivers: new Set(['y']) })
  await until('new', () => own.intake.texts().includes('new'))
  expect(own.intake.texts()).toEqual(['header', 'new'])
  expect(y.receiver.status()[0]?.stream).not.toBe(id)
})

test('a finished stream is remembered for a day, across restarts, then forgotten', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'one\ntwo\n')
  const { receiver, intake } = await bench.start({ grace: 50 })
  await receiver.caughtUp
  copyFileSync(bench.path('a.log'), bench.path('kept'))
  await rm(bench.path('a.log'))
  await until('closed', () => intake.notes.length === 1)
  await receiver.stop()
  const second = await bench.start({ intake, known: intake.known() })
  await rename(bench.path('kept'), bench.path('b.log'))
  await until('taken for its copy', () =>
    intake.known().some(({ descriptor }) => decodeDescriptor(descriptor)?.path === bench.path('b.log')),
  )
  expect(intake.texts()).toEqual(['one', 'two'])
  await second.receiver.stop()
  await rm(bench.path('b.log'))
  const yesterday = intake.known().map((stream) => {
    const descriptor = decodeDescriptor(stream.descriptor)
    if (!descriptor) throw new Error('no descriptor')
    return { ...stream, descriptor: encodeDescriptor({ ...descriptor, finished: Date.now() - 86_400_001 }) }
  })
  await bench.start({ intake, known: yesterday })
  expect(intake.forgotten).toEqual([intake.opened[0]?.stream.id])
})

describe('equal beginnings and equal ends, and another middle', () => {
  const content = (name: string) => {
    const same = 'the same in each of them, be it at the beginning or at the end\n'.repeat(8)
    return `${same}${text(numbered(0, 300).map((line) => `${line} of ${name}`))}${same}`
  }
  const names = ['a.log', 'b.log', 'c.log', 'd.log.gz', 'e.log.gz']
  const write = (bench: Bench, name: string) =>
    writeFile(bench.path(name), name.endsWith('.gz') ? gzipSync(content(name)) : content(name))
  const expected = names.flatMap((name) => content(name).trimEnd().split('\n')).toSorted()

  test('there at the first start: each is read in full, once, and not again by a restart', async () => {
    await using bench = await Bench.create()
    for (const name of names) await write(bench, name)
    const { receiver, intake } = await bench.start({ include: ['*'] })
    await until(
      'all',
      () => intake.texts().length >= expected.length,
      () => intake.texts().length,
    )
    await receiver.stop()
    await bench.start({ include: ['*'], intake, known: intake.known() })
    await throughout('once', 200, () => intake.texts().length === expected.length)
    expect(intake.texts().toSorted()).toEqual(expected)
  })

  test('one after the other, with a restart between: the same', async () => {
    await using bench = await Bench.create()
    let { receiver, intake } = await bench.start({ include: ['*'] })
    for (const [index, name] of names.entries()) {
      await write(bench, name)
      const lines = (expected.length / names.length) * (index + 1)
      await until(name, () => intake.texts().length >= lines)
      if (index !== 2) continue
      await receiver.stop()
      ;({ receiver } = await bench.start({ include: ['*'], intake, known: intake.known() }))
    }
    await throughout('once', 200, () => intake.texts().length === expected.length)
    expect(intake.texts().toSorted()).toEqual(expected)
  })
})

test('replaced again and again by what it held and more: only what is more is read', async () => {
  await using bench = await Bench.create()
  const path = bench.path('app.log')
  await writeFile(path, text(numbered(0, 10)))
  const { receiver, intake } = await bench.start({ grace: 400 })
  await receiver.caughtUp
  for (let replacement = 1; replacement <= 5; replacement += 1) {
    await writeFile(`${path}.tmp`, text(numbered(0, 10 + 10 * replacement)))
    await rename(`${path}.tmp`, path)
    await throughout('once', 200, () => new Set(intake.texts()).size === intake.texts().length)
  }
  await until('all', () => intake.texts().length >= 60)
  await throughout('once', 200, () => intake.texts().length === 60)
  expect(intake.texts()).toEqual(numbered(0, 60))
  await appendFile(path, text(numbered(60, 70)))
  await until('on', () => intake.texts().length === 70)
  expect(intake.notes.filter(({ action }) => action === 'affiant.stream.gap')).toEqual([])
})

test('cut off in the middle: what stayed is not read again, and what comes then is', async () => {
  await using bench = await Bench.create()
  const path = bench.path('app.log')
  await writeFile(path, text(numbered(0, 1_000)))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await throughout('quiet', 300, () => true)
  await truncate(path, text(numbered(0, 500)).length)
  await until('noticed', () => intake.opened.length === 2)
  await appendFile(path, text(numbered(2_000, 2_010)))
  await until('new', () => intake.texts().includes('line 2009'))
  const again = intake.texts().slice(1_000, -10)
  // No more than lies between two places whose sums are known.
  expect(again).toEqual(numbered(500 - again.length, 500))
  expect(again.length).toBeLessThan(70)
  expect(intake.notes).toEqual([])
})
