import { copyFile, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHead } from '../../../../src/receivers/file/identity/head.ts'
import { LineReader } from '../../../../src/receivers/file/reading/line-reader.ts'
import { PlainSource } from '../../../../src/receivers/file/source/plain-source.ts'

const maxRecord = 40

/** Reads a file that grows from write to write, as the receiver would; returns its records and what is held. */
async function readGrowing(path: string, writes: readonly Uint8Array[], chunkSize: number) {
  await writeFile(path, '')
  const writer = await open(path, 'a')
  const handle = await PlainSource.open(path)
  let reserved = 0
  const reader = new LineReader(handle, {
    maxRecord,
    reserve: async (bytes) => {
      reserved += bytes
    },
    release: (bytes) => {
      reserved -= bytes
    },
    skipped: () => {},
  })
  const scratch = Buffer.alloc(chunkSize)
  const records: string[] = []
  for (const write of writes) {
    await writer.write(write)
    const head = await readHead(handle)
    for (let done = !head; !done; ) {
      const reading = await reader.read(scratch, head ?? { length: 0, sha256: '' })
      if (reading.kind === 'truncated') throw new Error('nobody truncated it')
      if (reading.kind === 'end') done = true
      if (reading.kind !== 'lines') continue
      reserved -= reading.bytes.length
      const text = reading.bytes.toString('latin1')
      if (reading.oversize) records.push(`oversize ${reading.oversize.size}`)
      else records.push(...text.slice(0, -1).split('\n'))
    }
  }
  const agreed = await reader.checks.agree(handle, await handle.size())
  await Promise.all([handle.close(), writer.close()])
  return { records, next: reader.next, reserved, agreed }
}

/** NULs before a line are no part of it; within a chunk, they are left to whoever splits it. */
const behindNuls = (line: string) => line.replace(/^\0+/, '')

test('however it is written and however it is read, the same records come out', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-lines-'))
  const byte = fc.oneof({ weight: 1, arbitrary: fc.constant(10) }, { weight: 9, arbitrary: fc.nat(255) })
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(byte, { maxLength: 90 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: maxRecord + 1 }),
        async (writes, chunkSize) => {
          const all = Buffer.concat(writes.map((write) => Buffer.from(write)))
          const whole = all.subarray(0, all.lastIndexOf(10) + 1)
          const lines = whole.length === 0 ? [] : whole.toString('latin1').slice(0, -1).split('\n')
          const expected = lines.map(behindNuls)
          const path = join(directory, 'a.log')
          const { records, next, reserved, agreed } = await readGrowing(
            path,
            writes.map((write) => Buffer.from(write)),
            chunkSize,
          )
          expect(records.map(behindNuls)).toEqual(
            expected.map((line) => (line.length > maxRecord ? `oversize ${line.length}` : line)),
          )
          expect(next).toBe(whole.length)
          expect(reserved).toBe(0)
          // The file is what was read of it.
          expect(agreed).toBe(next)
        },
      ),
      { numRuns: 150 },
    )
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a long line that is cut off as soon as it is read is known by what was read, so that its copy is', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-lines-'))
  const [path, copy] = [join(directory, 'a.log'), join(directory, 'a.log.1')]
  const line = 'x'.repeat(maxRecord)
  await writeFile(path, `head\n${line}\n`)
  await copyFile(path, copy)
  const [file, other] = await Promise.all([PlainSource.open(path), PlainSource.open(copy)])
  const read = file.read.bind(file)
  file.read = async (buffer, position) => {
    const bytes = await read(buffer, position)
    if (bytes === maxRecord) await truncate(path)
    return bytes
  }
  const options = { maxRecord, reserve: async () => {}, release: () => {}, skipped: () => {} }
  const reader = new LineReader(file, options)
  const head = (await readHead(file))!
  const texts: string[] = []
  while (texts.length < 2) {
    const reading = await reader.read(Buffer.alloc(8), head)
    if (reading.kind === 'lines') texts.push(reading.bytes.toString())
    else expect(reading.kind).toBe('more')
  }
  expect(texts).toEqual(['head\n', `${line}\n`])
  expect(await file.size()).toBe(0)
  expect(await reader.checks.agree(other, await other.size())).toBe(reader.next)
  await Promise.all([file.close(), other.close()])
  await rm(directory, { recursive: true })
})

test.each([
  ['another beginning: it is another generation', 'tail\n', null],
  ['the same beginning: it is looked through anew', 'head\n', `${'y'.repeat(maxRecord - 1)}\n`],
])('a long line is another one when it is read as a whole, behind %s', async (_, beginning, expected) => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-lines-'))
  const path = join(directory, 'a.log')
  await writeFile(path, `head\n${'x'.repeat(maxRecord)}\n`)
  const file = await PlainSource.open(path)
  let held = 0
  const options = {
    maxRecord,
    // That may take its time.
    reserve: async (bytes: number) => {
      held += bytes
      if (bytes > maxRecord) await writeFile(path, `${beginning}${'y'.repeat(maxRecord - 1)}\n`)
    },
    release: (bytes: number) => {
      held -= bytes
    },
    skipped: () => {},
  }
  const reader = new LineReader(file, options)
  const head = (await readHead(file))!
  const texts: string[] = []
  let kind = ''
  while (texts.length < 2 && kind !== 'truncated') {
    const reading = await reader.read(Buffer.alloc(8), head)
    kind = reading.kind
    if (reading.kind !== 'lines') continue
    texts.push(reading.bytes.toString())
    options.release(reading.bytes.length)
  }
  expect(texts).toEqual(expected === null ? ['head\n'] : ['head\n', expected])
  expect(kind).toBe(expected === null ? 'truncated' : 'lines')
  expect(held).toBe(0)
  await file.close()
  await rm(directory, { recursive: true })
})
