import { expect, test } from 'vitest'
import type { FileSystem, OpenFile } from '../../src/journal/fs-port.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { batchOf, open, stream, temporaryDirectory } from './journal-directory.ts'

test('a reader that is disposed of while it opens a segment leaves nothing open', async () => {
  await using directory = await temporaryDirectory()
  const disk = nodeFileSystem
  const opening = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const files = new Set<OpenFile>()
  let isSlow = false
  const fs: FileSystem = {
    ...disk,
    async open(path, mode) {
      const file = await disk.open(path, mode)
      if (!isSlow) return file
      files.add(file)
      opening.resolve()
      await opened.promise
      return {
        read: (buffer, position) => file.read(buffer, position),
        write: (parts, position) => file.write(parts, position),
        sync: () => file.sync(),
        truncate: (length) => file.truncate(length),
        size: () => file.size(),
        close: async () => {
          await file.close()
          files.delete(file)
        },
      }
    },
  }
  await using journal = await open(directory.path, { fs, cacheBytes: 0 })
  await journal.append(batchOf(['one']), { stream: stream(1) })
  isSlow = true
  const reader = journal.read(0)
  const next = reader.next()
  await opening.promise
  await reader[Symbol.asyncDispose]()
  opened.resolve()
  await expect(next).rejects.toMatchObject({ code: 'journal_closed' })
  expect(files).toEqual(new Set())
})
