import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DirectFile, FileSystem } from '../../src/journal/fs-port.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { preallocate } from '../../src/journal/preallocate.ts'
import { batchOf, drain, open, stream, temporaryDirectory } from './journal-directory.ts'

const page = 4096
const mebibyte = 1024 ** 2

/** The real one, where direct writes end after so many of them; counts those that worked. */
function refusing(after: number): FileSystem & { written: number } {
  const fs: FileSystem & { written: number } = {
    ...nodeFileSystem,
    written: 0,
    async openDirect(path): Promise<DirectFile | null> {
      const direct = await nodeFileSystem.openDirect(path)
      return (
        direct && {
          close: () => direct.close(),
          zeros: async (position, length) => {
            if (fs.written >= after) return false
            const done = await direct.zeros(position, length)
            if (done) fs.written++
            return done
          },
        }
      )
    },
  }
  return fs
}

test.each([
  { name: 'as this disk has it', after: Infinity },
  { name: 'where direct writes are refused', after: 0 },
  { name: 'where they are refused from some place on', after: 1 },
])('a file is as long as it is to be, and zeros: $name', async ({ after }) => {
  await using directory = await temporaryDirectory()
  for (const length of [page, mebibyte, 3 * mebibyte + 5 * page]) {
    const path = join(directory.path, `${length}`)
    const file = await preallocate(refusing(after), path, length)
    await file.close()
    const bytes = await readFile(path)
    expect(bytes.byteLength).toBe(length)
    expect(bytes.equals(Buffer.alloc(length))).toBe(true)
  }
})

test('what is written over zeros that the page cache does not have is read back, by this run and the next', async () => {
  await using directory = await temporaryDirectory()
  const texts = Array.from({ length: 300 }, (_, n) => `${n}:`.padEnd(1 + ((n * 997) % 9000), 'x'))
  {
    await using journal = await open(directory.path, { cacheBytes: 0 })
    for (const text of texts) await journal.append(batchOf([text]), { stream: stream(1) })
    await using reader = journal.read(0)
    expect((await drain(reader)).map(([, text]) => text)).toEqual(texts)
  }
  await using journal = await open(directory.path, { cacheBytes: 0 })
  expect(journal.recovery).toMatchObject({ clean: true, damaged: [] })
  await using reader = journal.read(0)
  expect((await drain(reader)).map(([, text]) => text)).toEqual(texts)
})
