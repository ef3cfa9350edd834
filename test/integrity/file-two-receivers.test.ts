/** Two receivers whose patterns overlap: what rotation leaves of a file belongs to the one that reads it. */
import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { StreamClaims } from '../../src/receivers/file/identity/claims.ts'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { throughout, until } from '../receivers/until.ts'

const rotations = 4

const kinds: Readonly<Record<string, (path: string, rotated: string) => void>> = {
  copytruncate(path, rotated) {
    copyFileSync(path, rotated)
    truncateSync(path)
  },
  gzip(path, rotated) {
    renameSync(path, rotated)
    writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)))
    rmSync(rotated)
  },
}

for (const [kind, rotate] of Object.entries(kinds)) {
  test(`${kind}: each line is read once`, async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    const claims = new StreamClaims()
    const receivers = new Set(['all', 'app'])
    const all = { name: 'all', include: ['*.log*'], receivers, claims }
    const { intake } = await bench.start(all)
    await bench.start({ ...all, name: 'app', include: ['app*'], intake })
    for (let rotation = 0; rotation < rotations; rotation += 1) {
      const end = (rotation + 1) * 10
      await appendFile(path, text(numbered(end - 10, end)))
      await until('read', () => intake.texts().length >= end)
      rotate(path, `${path}.${rotation}`)
      await throughout('once', 200, () => intake.texts().length === end)
    }
    await throughout('once', 400, () => intake.texts().length === rotations * 10)
    expect(intake.texts().toSorted()).toEqual(numbered(0, rotations * 10).toSorted())
  })
}

test('a new generation that begins like what the other one reads does not change hands', async () => {
  await using bench = await Bench.create()
  const claims = new StreamClaims()
  const both = { receivers: new Set(['one', 'all']), claims }
  await writeFile(bench.path('one.log'), 'first\n')
  const { intake, receiver } = await bench.start({ ...both, name: 'one', include: ['one.log'] })
  await receiver.caughtUp
  await writeFile(bench.path('other.log'), 'header\nother\n')
  await bench.start({ ...both, name: 'all', include: ['*.log'], intake })
  await until('the other', () => intake.texts().includes('other'))
  await writeFile(bench.path('one.log'), 'header\nsecond\n')
  await until('the new generation', () => intake.texts().includes('second'))
  await throughout('once', 300, () => intake.texts().length === 5)
})
