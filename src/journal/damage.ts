/** Damaged bytes are copied away before anything else happens to them: they are evidence. */
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { blockMagic, field, fixedHeaderLength, incarnationLength } from './block.ts'
import { claimedHeaderLength, decodeHeader } from './block-decode.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'

const chunkLength = 1024 * 1024

/** Copies `[start, end)` of `file` to `damaged/`, named by segment and offset; once. The copy's path. */
export async function setAside(
  fs: FileSystem,
  journalDirectory: string,
  segmentName: string,
  file: OpenFile,
  start: number,
  end: number,
): Promise<string> {
  const directory = join(journalDirectory, 'damaged')
  const path = join(directory, `${segmentName}@${start}`)
  if (!(await isThere(fs, path, end - start))) {
    await fs.makeDirectory(directory)
    const copy = await fs.open(path, 'create')
    try {
      const buffer = Buffer.alloc(Math.min(chunkLength, end - start))
      for (let at = start; at < end; at += buffer.byteLength) {
        const filled = await file.read(buffer.subarray(0, Math.min(buffer.byteLength, end - at)), at)
        await copy.write([buffer.subarray(0, filled)], at - start)
      }
      await copy.sync()
    } finally {
      await copy.close()
    }
    await fs.syncDirectory(directory)
  }
  return path
}

async function isThere(fs: FileSystem, path: string, length: number): Promise<boolean> {
  try {
    const file = await fs.open(path, 'read')
    try {
      return (await file.size()) === length
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/** One more than the highest seq that an intact block header in a copy speaks of; `atLeast` without one. */
export async function highestNextSeq(fs: FileSystem, path: string, atLeast: number): Promise<number> {
  const file = await fs.open(path, 'read')
  try {
    // A whole segment at most, and only when both of its header pages are gone.
    const bytes = Buffer.alloc(await file.size())
    await file.read(bytes, 0)
    let highest = atLeast
    for (let at = bytes.indexOf(blockMagic); at >= 0; at = bytes.indexOf(blockMagic, at + 1)) {
      if (at + fixedHeaderLength > bytes.byteLength) break
      const incarnation = bytes.subarray(at + field.incarnation, at + field.incarnation + incarnationLength)
      const length = claimedHeaderLength(bytes, at, incarnation)
      if (length === 0 || at + length > bytes.byteLength) continue
      const header = decodeHeader(bytes.subarray(at, at + length))
      if (header) highest = Math.max(highest, header.firstSeq + header.count)
    }
    return highest
  } finally {
    await file.close()
  }
}
