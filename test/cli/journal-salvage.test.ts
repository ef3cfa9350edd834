import { cp, mkdir, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { salvageJournal } from '../../src/cli/journal-salvage.ts'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { SeqRanges } from '../../src/journal/seq-ranges.ts'
import { batchOf, open, smallConfig, stream, temporaryDirectory } from '../journal/journal-directory.ts'

const key = 'ef'.repeat(32)
const encryption = { keys: [key] }
const ring = new KeyRing([parseKey(key)])
const none = new KeyRing()
const event = (n: number) => `{"n":${n},"pad":"${'p'.repeat(100)}"}`

async function salvaged(dataDir: string, keys: KeyRing) {
  const to = join(dataDir, `to-${Math.random()}`)
  await mkdir(to)
  const said: string[] = []
  const code = await salvageJournal({ dataDir, keys, to, say: (line) => said.push(line) })
  const text = await readFile(join(to, 'salvaged.ndjson'), 'utf8').catch(() => '')
  const events =
    text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
  for (const { n, log } of events) expect(log).toMatchObject({ seq: n, size: event(n).length })
  return { code, said: said.join('\n'), seqs: events.map(({ n }): number => n), events }
}

/** Two segments of five blocks of two events. */
async function fill(dataDir: string, settings: Record<string, unknown>) {
  let n = 0
  for (let run = 0; run < 2; run++) {
    const journal = await open(dataDir, { config: smallConfig(settings) })
    for (let block = 0; block < 5; block++, n += 2) {
      await journal.append(batchOf([event(n), event(n + 1)]), { stream: stream(1) })
    }
    await journal[Symbol.asyncDispose]()
  }
  const directory = join(dataDir, 'journal')
  const names = (await readdir(directory)).filter((each) => each.endsWith('.seg'))
  return names.toSorted().map((name) => join(directory, name))
}

async function overwrite(path: string, from: number, to: number): Promise<void> {
  const file = await openFile(path, 'r+')
  await file.write(Buffer.alloc(to - from, 0xee), 0, to - from, from)
  await file.close()
}

const blockStarts = async (path: string): Promise<number[]> => {
  const bytes = await readFile(path)
  const magic = Buffer.from('ff4146424c4bfe0a', 'hex')
  const starts: number[] = []
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) starts.push(at)
  return starts
}

const all = Array.from({ length: 20 }, (_, n) => n)

describe.each([
  ['plain', {}, none],
  ['compressed and encrypted', { compression: 'zstd', encryption }, ring],
] as const)('journal salvage, %s', (_, settings, keys) => {
  test('of a good journal is all of it', async () => {
    await using directory = await temporaryDirectory()
    await fill(directory.path, settings)
    expect(await salvaged(directory.path, keys)).toMatchObject({ code: 0, seqs: all })
  })

  test('takes every block that is good, wherever damage lies, and names the rest', async () => {
    await using directory = await temporaryDirectory()
    const [first = ''] = await fill(directory.path, settings)
    const starts = await blockStarts(first)
    await overwrite(first, starts[1]! + 200, starts[1]! + 210)
    await overwrite(first, starts[3]! + 10, starts[3]! + 20)
    const { code, said, seqs } = await salvaged(directory.path, keys)
    expect(code).toBe(65)
    expect(seqs).toEqual(all.filter((seq) => ![2, 3, 6, 7].includes(seq)))
    expect(said).toMatch(/seq 2\.\.3: its events are damaged/)
    expect(said).toContain('seq 2..3: lost')
    expect(said).toContain('seq 6..7: lost')
  })

  test('takes from damaged/ what the segment no longer has, once', async () => {
    await using directory = await temporaryDirectory()
    const [first = '', second = ''] = await fill(directory.path, settings)
    const copies = join(directory.path, 'journal', 'damaged')
    await mkdir(copies)
    const name = first.slice(first.lastIndexOf('/') + 1)
    const bytes = await readFile(first)
    const starts = await blockStarts(first)
    // An odd offset, and a block that the segment has too.
    await writeFile(join(copies, `${name}@${starts[1]! - 3}`), bytes.subarray(starts[1]! - 3, starts[3]))
    await overwrite(first, starts[2]!, starts[3]!)
    const both = await salvaged(directory.path, keys)
    expect(both.seqs.toSorted((a, b) => a - b)).toEqual(all)
    await rm(second)
    const { seqs } = await salvaged(directory.path, keys)
    expect(seqs.toSorted((a, b) => a - b)).toEqual(all.slice(0, 10))
  })
})

describe('journal salvage', () => {
  test('without any segment header: blocks say where they belong; the origin comes from a neighbour', async () => {
    await using directory = await temporaryDirectory()
    const [first = '', second = ''] = await fill(directory.path, {})
    await overwrite(first, 0, 8192)
    const { code, said, seqs, events } = await salvaged(directory.path, none)
    expect(code).toBe(65)
    expect(seqs).toEqual(all)
    expect(said).toContain('no header page is readable')
    expect(new Set(events.map(({ log }) => log.origin)).size).toBe(1)
    await rm(second)
    const [alone] = (await salvaged(directory.path, none)).events
    expect(alone.log.origin).toMatch(/^affiant\/unknown\/\d+$/)
  })

  test('an encrypted segment without its header, or without its key, is named', async () => {
    await using directory = await temporaryDirectory()
    const [first = ''] = await fill(directory.path, { encryption })
    const withoutKey = await salvaged(directory.path, none)
    expect(withoutKey).toMatchObject({ code: 65, seqs: [] })
    expect(withoutKey.said).toContain(`is encrypted with key ${parseKey(key).id}, which is not given`)
    await overwrite(first, 0, 8192)
    const withKey = await salvaged(directory.path, ring)
    expect(withKey.seqs).toEqual(all.slice(10))
    expect(withKey.said).toContain('seq 0..1: encrypted, and its key is not at hand')
  })

  test('where two segments hold a seq, the newer wins', async () => {
    await using directory = await temporaryDirectory()
    const [first = '', second = ''] = await fill(directory.path, {})
    // A copy under a higher number, of a segment with the same seqs.
    await cp(first, second.replace('00000002.seg', '00000003.seg'))
    const { seqs } = await salvaged(directory.path, none)
    expect(seqs.toSorted((a, b) => a - b)).toEqual(all)
  })

  test('nothing there', async () => {
    await using directory = await temporaryDirectory()
    expect(await salvaged(directory.path, none)).toMatchObject({ code: 66, seqs: [] })
  })
})

test('ranges of seqs join, part and name what is missing', () => {
  const ranges = new SeqRanges()
  for (const [first, next] of [
    [10, 20],
    [30, 40],
    [20, 30],
    [50, 50],
    [5, 12],
    [60, 61],
  ] as const)
    ranges.add(first, next)
  expect(ranges.list()).toEqual([
    [5, 40],
    [60, 61],
  ])
  ranges.remove(10, 35)
  expect(ranges.list()).toEqual([
    [5, 10],
    [35, 40],
    [60, 61],
  ])
  expect(ranges.within(8, 37)).toEqual([
    [8, 10],
    [35, 37],
  ])
  expect(ranges.missing(0, 62)).toEqual([
    [0, 5],
    [10, 35],
    [40, 60],
    [61, 62],
  ])
})
