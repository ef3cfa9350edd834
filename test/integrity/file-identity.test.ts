/** A file is not its name: rotations that nobody saw, links that switch, inodes that come again, receivers that are renamed. */
import { copyFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { StreamClaims } from '../../src/receivers/file/claims.ts'
import { decodeDescriptor, encodeDescriptor } from '../../src/receivers/file/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

/** Rotates as logrotate does, `keep` names deep, without giving anybody a chance to look. */
function rotate(bench: Bench, keep: number): void {
  for (let name = keep; name > 0; name -= 1) {
    try {
      renameSync(bench.path(`audit.log.${name}`), bench.path(`audit.log.${name + 1}`))
    } catch {
      // There are not so many yet.
    }
  }
  renameSync(bench.path('audit.log'), bench.path('audit.log.1'))
}

test('many rotations between two looks, to names that match nothing: all are read, in order (failure 9)', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  // What the same rotation has left long ago, and what others keep beside a log, is not touched.
  await writeFile(bench.path('audit.log.9'), 'ancient\n')
  await throughout('older', 20, () => true)
  await writeFile(path, 'first\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  const written = ['first']
  for (let burst = 0; burst < 3; burst += 1) {
    for (let round = 0; round < 5; round += 1) {
      rotate(bench, 8)
      const line = `${burst}-${round}`
      written.push(line)
      writeFileSync(path, `${line}\n`)
      writeFileSync(bench.path('audit.log.bak'), `foreign ${line}\n`)
      writeFileSync(bench.path('audit.log.lock'), `foreign ${line}\n`)
    }
    await until(
      'all',
      () => intake.texts().length >= written.length,
      () => intake.texts(),
    )
  }
  await throughout('no more', 200, () => intake.texts().length === written.length)
  expect(intake.texts()).toEqual(written)
})

test('rotated several times while the agent was away: the rest, what was between, the present one', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'zero\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await appendFile(path, 'one\n')
  for (const line of ['two', 'three', 'four']) {
    await throughout('later', 8, () => true)
    rotate(bench, 8)
    await writeFile(path, `${line}\n`)
  }
  const second = await bench.start({ intake, known: intake.known() })
  await until(
    'all',
    () => intake.texts().length >= 5,
    () => intake.texts(),
  )
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['zero', 'one', 'two', 'three', 'four'])
  expect(intake.notes).toEqual([])
})

test('rotated and compressed while the agent was away: found by content', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'zero\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  writeFileSync(bench.path('audit.log.2.gz'), gzipSync('zero\none\n'))
  unlinkSync(path)
  writeFileSync(bench.path('audit.log.1'), 'two\n')
  writeFileSync(path, 'three\n')
  const second = await bench.start({ intake, known: intake.known() })
  await until(
    'all',
    () => intake.texts().length >= 4,
    () => intake.texts(),
  )
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['zero', 'one', 'two', 'three'])
  expect(intake.notes).toEqual([])
})

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

test('inode reuse with the same first line is noticed (failure 21)', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'header\nof the old file\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  // The same inode with another content is what reuse looks like.
  await writeFile(path, 'header\nof the new file, which is longer\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts().slice(2)).toEqual(['header', 'of the new file, which is longer'])
})

test('a blank first line, and a BOM, are read exactly once, also over a restart (failure 10)', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('blank.log'), '\none\n')
  await writeFile(bench.path('bom.log'), '\ufefftwo\nthree\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await appendFile(bench.path('blank.log'), 'four\n')
  await appendFile(bench.path('bom.log'), 'five\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts().sort()).toEqual(['', 'five', 'four', 'one', 'three', '\ufefftwo'])
  expect(intake.opened).toHaveLength(2)
})

test('Kubernetes: the link of a container log switches to the next file (failure 22)', async () => {
  await using bench = await Bench.create()
  await mkdir(bench.path('containers'))
  await mkdir(bench.path('pods/app'), { recursive: true })
  await writeFile(bench.path('pods/app/0.log'), 'zero\n')
  await symlink(bench.path('pods/app/0.log'), bench.path('containers/app.log'))
  const { receiver, intake } = await bench.start({ include: ['containers/*.log'] })
  await receiver.caughtUp
  // The kubelet renames the file in place, a restart of the container begins another one.
  await rename(bench.path('pods/app/0.log'), bench.path('pods/app/0.log.20261123-101500'))
  await writeFile(bench.path('pods/app/0.log'), 'one\n')
  await until(
    'one',
    () => intake.texts().includes('one'),
    () => intake.texts(),
  )
  await appendFile(bench.path('pods/app/0.log.20261123-101500'), 'late\n')
  await writeFile(bench.path('pods/app/1.log'), 'two\n')
  await symlink(bench.path('pods/app/1.log'), bench.path('containers/new'))
  await rename(bench.path('containers/new'), bench.path('containers/app.log'))
  await until(
    'all',
    () => intake.texts().length === 4,
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual(['late', 'one', 'two', 'zero'])
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
