/** Upgrade and downgrade over existing data: what version 1 wrote is read on; what a later version wrote is left alone. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32c } from '@node-rs/crc32'
import { describe, expect, test } from 'vitest'
import { KeyRing } from '../../src/journal/key-ring.ts'
import { findEvent, openJournalForReading } from '../../src/journal/reading.ts'
import {
  batchOf,
  drain,
  open,
  smallConfig,
  stream,
  temporaryDirectory,
} from '../journal/journal-directory.ts'

/** As each version left them. Of the first: two segments, one closed in good order, the other killed. */
const fixtureOf = (version: number) =>
  fileURLToPath(new URL(`../fixtures/journal/version-${version}`, import.meta.url))
const agentId = 'version-1'
const written = [0, 1, 2, 3, 4, 5, 6].map((n): [number, string] => [n, `{"n":${n}}`])
const check = { length: 70, crc: 0xdead_beef, from: 0x1_0000_0001, sum: 0xcafe_f00d }

async function copyOfVersion1() {
  const directory = await temporaryDirectory()
  await cp(fixtureOf(1), directory.path, { recursive: true })
  return directory
}

/** Every file below `directory` with its bytes. */
async function contents(directory: string): Promise<Record<string, string>> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, (await readFile(path)).toString('hex')] as const)),
  )
}

describe('upgrade over existing data', () => {
  test('events, positions and cursors of version 1 are there, and the journal goes on', async () => {
    await using directory = await copyOfVersion1()
    {
      await using journal = await open(directory.path, { agentId })
      expect(journal.recovery).toMatchObject({ found: true, damaged: [], tornBytes: 0, events: 7 })
      expect(journal.liveStreams()).toEqual([
        {
          stream: stream(1),
          descriptor: Buffer.from('{"inode":7}'),
          position: { offset: 70, ranges: [] },
        },
        { stream: stream(3), descriptor: Buffer.from('{"inode":8}'), position: { offset: 5, ranges: [] } },
      ])
      expect((await journal.cursor('sink', { start: 'head', required: true })).settled).toBe(2)
      const position = { offset: 80, ranges: [], check }
      await journal.append(batchOf(['{"n":7}']), { stream: stream(1), position })
      await using reader = journal.read(0)
      expect(await drain(reader)).toEqual([...written, [7, '{"n":7}']])
    }
    await using again = await open(directory.path, { agentId })
    expect(again.recovery).toMatchObject({ clean: true, damaged: [] })
    expect(again.liveStreams()[0]?.position).toEqual({ offset: 80, ranges: [], check })
    const view = await openJournalForReading(directory.path)
    await using reader = view.read(0)
    expect(await drain(reader)).toEqual([...written, [7, '{"n":7}']])
  })

  test('a position comes back with its check, from a block and from a snapshot', async () => {
    await using directory = await temporaryDirectory()
    const descriptor = Buffer.from('d')
    const first = await open(directory.path)
    await first.append(batchOf(['a']), {
      stream: stream(1),
      descriptor,
      position: { offset: 70, ranges: [[80, 90]], check },
    })
    await first.append(batchOf(['b']), {
      stream: stream(2),
      descriptor,
      position: { offset: 0, ranges: [], check: { length: 0, crc: 0, from: 0, sum: 0 } },
    })
    await first.append(batchOf(['c']), {
      stream: stream(3),
      descriptor,
      position: { offset: 9, ranges: [] },
    })
    const expected = first.liveStreams()
    expect(expected.map(({ position }) => position.check)).toEqual([
      check,
      { length: 0, crc: 0, from: 0, sum: 0 },
      undefined,
    ])
    await first[Symbol.asyncDispose]()
    // From blocks now, then from the snapshot of the segment that this start opened.
    for (const _ of [1, 2]) {
      await using next = await open(directory.path)
      expect(next.liveStreams()).toEqual(expected)
    }
  })
})

test('version 2: compressed, compressed and encrypted, and encrypted with the next key', async () => {
  await using directory = await temporaryDirectory()
  await cp(fixtureOf(2), directory.path, { recursive: true })
  const pad = 'pad '.repeat(60)
  const expected = [0, 2, 4].flatMap((n): [number, string][] => [
    [n, `{"n":${n},"pad":"${pad}"}`],
    [n + 1, `{"n":${n + 1}}`],
  ])
  const config = smallConfig({ encryption: { keys: ['cd'.repeat(32), 'ab'.repeat(32)] } })
  await using journal = await open(directory.path, { agentId: 'version-2', config })
  expect(journal.recovery).toMatchObject({ clean: true, damaged: [], events: 6 })
  const position = { offset: 60, ranges: [[90, 95]], check: { length: 20, crc: 0xc0ffee, from: 0, sum: 1 } }
  expect(journal.liveStreams()).toEqual([
    { stream: stream(1), descriptor: Buffer.from('{"inode":7}'), position },
  ])
  await using reader = journal.read(0)
  expect(await drain(reader)).toEqual(expected)
  for (const seq of [0, 2, 4]) {
    const found = await findEvent(
      await openJournalForReading(directory.path, { keys: new KeyRing(config.encryption?.keys) }),
      seq,
    )
    expect(found?.raw.toString()).toBe(`raw ${seq}`)
  }
})

describe('downgrade over existing data', () => {
  test('a segment of a later version is refused by name, and no byte is touched', async () => {
    await using directory = await copyOfVersion1()
    const segments = join(directory.path, 'journal')
    const name = (await readdir(segments)).find((each) => each.endsWith('-00000002.seg')) ?? ''
    const path = join(segments, name)
    const bytes = await readFile(path)
    for (const page of [bytes.subarray(0, 4096), bytes.subarray(4096, 8192)]) {
      page.writeUInt16LE(3, 8)
      page.writeUInt32LE(crc32c(page.subarray(0, 4092)), 4092)
    }
    await writeFile(path, bytes)
    const before = await contents(segments)
    const refusal = { code: 'journal_format', message: `${path}: segment of version 3, flags 0` }
    await expect(open(directory.path, { agentId })).rejects.toMatchObject(refusal)
    await expect(openJournalForReading(directory.path)).rejects.toMatchObject(refusal)
    expect(await contents(segments)).toEqual(before)
  })
})
