import { open as openFile, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/cli/journal-verify.ts'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { batchOf, open, smallConfig, stream, temporaryDirectory } from '../journal/journal-directory.ts'

const key = 'ab'.repeat(32)
const keys = new KeyRing([parseKey(key)])
const variants = [
  ['plain', {}, new KeyRing()],
  ['compressed and encrypted', { compression: 'zstd', encryption: { keys: [key] } }, keys],
] as const

async function verify(dataDir: string, ring: KeyRing) {
  const lines: string[] = []
  const code = await verifyJournal(dataDir, ring, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

async function segmentsOf(dataDir: string): Promise<string[]> {
  const directory = join(dataDir, 'journal')
  const names = (await readdir(directory)).filter((each) => each.endsWith('.seg'))
  return names.toSorted().map((name) => join(directory, name))
}

async function flip(path: string, offset: number): Promise<void> {
  const file = await openFile(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, offset)
  byte[0]! ^= 0x5a
  await file.write(byte, 0, 1, offset)
  await file.close()
}

describe.each(variants)('journal verify, %s', (_, settings, ring) => {
  const config = smallConfig(settings)
  const text = (n: number) => `{"n":${n},"pad":"${'ab'.repeat(60)}"}`
  const fill = async (dataDir: string) => {
    const journal = await open(dataDir, { config })
    // A stream's first position, before there is any event.
    await journal.append(batchOf([]), { stream: stream(1), descriptor: Buffer.from('d') })
    for (let n = 0; n < 5; n++) {
      const update = { stream: stream(1), descriptor: Buffer.from('d'), position: { offset: n, ranges: [] } }
      await journal.append(batchOf([text(n)]), update)
    }
    return journal
  }

  test('all good, beside an agent that writes and after it', async () => {
    await using directory = await temporaryDirectory()
    const journal = await fill(directory.path)
    const running = await verify(directory.path, ring)
    expect(running).toMatchObject({
      code: 0,
      text: expect.stringMatching(/good @\d+\.\.\d+ blocks, seq 0\.\.4/),
    })
    await journal[Symbol.asyncDispose]()
    await (await fill(directory.path))[Symbol.asyncDispose]()
    const after = await verify(directory.path, ring)
    expect(after).toMatchObject({ code: 0, text: expect.stringContaining('10 events good; no damage') })
    expect(after.text).toMatch(/good @\d+\.\.\d+ blocks, seq 5\.\.9/)
  })

  test('every flipped byte is found, at its place, and costs one block at most', async () => {
    await using directory = await temporaryDirectory()
    await (await fill(directory.path))[Symbol.asyncDispose]()
    // A successor proves all of it.
    await (await open(directory.path, { config }))[Symbol.asyncDispose]()
    const [first = ''] = await segmentsOf(directory.path)
    const file = await openFile(first)
    const { size } = await file.stat()
    await file.close()
    for (let offset = 5; offset < size; offset += 131) {
      // The header pages' own zeros and all else.
      await flip(first, offset)
      const { code, text: said } = await verify(directory.path, ring)
      expect(code, `byte ${offset}\n${said}`).toBe(65)
      const damaged = said.split('\n').filter((line) => line.includes(': damaged @'))
      expect(damaged, said).toHaveLength(1)
      const [, start, end] = /@(\d+)\.\.(\d+)/.exec(damaged[0]!) ?? []
      expect([Number(start) <= offset, offset < Number(end)], damaged[0]).toEqual([true, true])
      const [, from, to] = /seq (\d+)\.\.(\d+)/.exec(damaged[0]!) ?? []
      if (from !== undefined) expect(to).toBe(from)
      await flip(first, offset)
    }
    expect((await verify(directory.path, ring)).code).toBe(0)
  })

  test('a segment that is gone shows as missing seqs', async () => {
    await using directory = await temporaryDirectory()
    for (let run = 0; run < 3; run++) await (await fill(directory.path))[Symbol.asyncDispose]()
    const paths = await segmentsOf(directory.path)
    await rename(paths[1]!, join(directory.path, 'gone.seg'))
    const { code, text: said } = await verify(directory.path, ring)
    expect(code).toBe(65)
    expect(said).toMatch(/damaged @\d+\.\.\d+ sequence, seq 5\.\.9/)
  })
})

test('no journal', async () => {
  await using directory = await temporaryDirectory()
  expect(await verify(directory.path, new KeyRing())).toMatchObject({ code: 66 })
})
