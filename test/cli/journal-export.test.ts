import { open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportJournal, seqOf } from '../../src/cli/journal-export.ts'
import { inspectJournal } from '../../src/cli/journal-inspect.ts'
import { verifyJournal } from '../../src/cli/journal-verify.ts'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import {
  batchOf,
  open,
  smallConfig,
  stream,
  temporaryDirectory,
  until,
} from '../journal/journal-directory.ts'

const key = 'cd'.repeat(32)
const keys = new KeyRing([parseKey(key)])
const config = smallConfig({ compression: 'zstd', encryption: { keys: [key] } })
const notOne = {
  isTTY: false,
  columns: 80,
  write: (text: string | Uint8Array) => expect.unreachable(String(text)),
}
const event = (n: number) => `{"n":${n}}`

async function exported(dataDir: string, more: { from?: number; to?: number } = {}) {
  const output = join(dataDir, `out-${Math.random()}.ndjson`)
  const said: string[] = []
  const code = await exportJournal({
    dataDir,
    keys,
    output,
    terminal: notOne,
    say: (line) => said.push(line),
    ...more,
  })
  const text = await readFile(output, 'utf8')
  return { code, said, lines: text === '' ? [] : text.trimEnd().split('\n') }
}

describe('journal export', () => {
  test('on a terminal a line says how far it is, and is gone at the end', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path, { config })
    for (let n = 0; n < 10; n++) await journal.append(batchOf([event(n)]), { stream: stream(1) })
    const drawn: string[] = []
    const terminal = {
      isTTY: true,
      columns: 80,
      write: (text: string | Uint8Array) => drawn.push(String(text)) > 0,
    }
    const output = join(directory.path, 'out.ndjson')
    const said: string[] = []
    const dataDir = directory.path
    expect(await exportJournal({ dataDir, keys, output, terminal, say: (line) => said.push(line) })).toBe(0)
    expect(drawn[0]).toBe('\r\u001b[Kexport: 0 of 10 events (0 %), 0/s')
    expect(drawn.at(-1)).toBe('\r\u001b[K')
    expect(said).toEqual(['10 events'])
  })

  test('gives the lines that sinks give, in order, of the seqs that were asked for', async () => {
    await using directory = await temporaryDirectory()
    await using journal = await open(directory.path, { config })
    for (let n = 0; n < 12; n += 3) {
      const texts = [event(n), event(n + 1), event(n + 2)]
      await journal.append(batchOf(texts, n === 3 ? ['', 'the raw "line"', ''] : []), { stream: stream(1) })
    }
    const all = await exported(directory.path)
    expect(all).toMatchObject({ code: 0, said: ['12 events'] })
    expect(all.lines.map((line) => JSON.parse(line))).toEqual(
      Array.from({ length: 12 }, (_, n) => ({
        n,
        ...(n === 4 ? { raw_data: 'the raw "line"' } : {}),
        log: { origin: journal.origin, seq: n, size: event(n).length },
      })),
    )
    expect((await exported(directory.path, { from: 4, to: 7 })).lines).toEqual(all.lines.slice(4, 8))
    expect((await exported(directory.path, { from: 11 })).lines).toEqual(all.lines.slice(11))
    expect((await exported(directory.path, { from: 12 })).lines).toEqual([])
    expect((await exported(directory.path, { to: 0 })).lines).toEqual(all.lines.slice(0, 1))
  })

  test('names what is damaged, and exits 65', async () => {
    await using directory = await temporaryDirectory()
    const journal = await open(directory.path, { config })
    for (let n = 0; n < 3; n++) await journal.append(batchOf([event(n)]), { stream: stream(1) })
    await journal[Symbol.asyncDispose]()
    const [name = ''] = (await readdir(join(directory.path, 'journal'))).filter((each) =>
      each.endsWith('.seg'),
    )
    const file = await openFile(join(directory.path, 'journal', name), 'r+')
    const bytes = await file.readFile()
    // The body of the second block.
    const magic = Buffer.from('ff4146424c4bfe0a', 'hex')
    const second = bytes.indexOf(magic, bytes.indexOf(magic) + 1)
    await file.write(Buffer.from([bytes[second + 195]! ^ 1]), 0, 1, second + 195)
    await file.close()
    const { code, said, lines } = await exported(directory.path)
    expect(code).toBe(65)
    expect(lines.map((line) => JSON.parse(line).log.seq)).toEqual([0, 2])
    expect(said).toEqual([expect.stringMatching(/^seq 1\.\.1: damaged, .*\.seg @\d+$/), '2 events'])
  })

  test('names the seqs of segments that are not there, of those it was asked for, and exits 65', async () => {
    await using directory = await temporaryDirectory()
    // Each start begins a new segment.
    for (let n = 0; n < 12; n += 3) {
      const journal = await open(directory.path, { config })
      await journal.cursor('sink', { start: 'earliest', required: true })
      await journal.append(batchOf([event(n), event(n + 1), event(n + 2)]), { stream: stream(1) })
      await journal[Symbol.asyncDispose]()
    }
    const segments = join(directory.path, 'journal')
    const names = (await readdir(segments)).filter((each) => each.endsWith('.seg')).toSorted()
    await rm(join(segments, names[2]!))
    const middle = await exported(directory.path)
    expect(middle).toMatchObject({
      code: 65,
      said: [expect.stringMatching(/^seq 6\.\.8: gone behind .*-00000002\.seg @\d+$/), '9 events'],
    })
    expect(middle.lines.map((line) => JSON.parse(line).log.seq)).toEqual([0, 1, 2, 3, 4, 5, 9, 10, 11])
    expect(await exported(directory.path, { to: 5 })).toMatchObject({ code: 0, said: ['6 events'] })
    expect(await exported(directory.path, { from: 9 })).toMatchObject({ code: 0, said: ['3 events'] })

    await writeFile(join(segments, names[0]!), 'no header')
    expect(await exported(directory.path)).toMatchObject({
      code: 65,
      said: [
        `seq 0..2: ${names[0]}: no header page is readable`,
        expect.stringMatching(/^seq 6\.\.8: gone behind/),
        '6 events',
      ],
    })
    await rm(join(segments, names[0]!))
    expect(await exported(directory.path, { to: 4 })).toMatchObject({
      code: 65,
      said: ['seq 0..2: gone before every sink had them', '2 events'],
    })
    const inspected: string[] = []
    expect(await inspectJournal(directory.path, (line) => inspected.push(line), keys)).toBe(65)
    expect(inspected.filter((line) => line.includes('MISSING'))).toEqual([
      'seq 0..2 MISSING: gone before every sink had them',
      '  seq 6..8 MISSING',
    ])
    expect(inspected.at(-1)).toBe('2 damaged')
    const verified: string[] = []
    expect(await verifyJournal(directory.path, keys, (line) => verified.push(line))).toBe(65)
    expect(verified[0]).toBe('damaged seq 0..2: gone before every sink had them')
    expect(verified.at(-1)).toBe('6 events good; 2 damaged')
  })

  test('a lower end that retention made is no damage', async () => {
    await using directory = await temporaryDirectory()
    for (let n = 0; n < 6; n += 3) {
      const journal = await open(directory.path, {
        config: smallConfig({ keep: '0ms', encryption: { keys: [key] } }),
      })
      const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
      await journal.append(batchOf([event(n), event(n + 1), event(n + 2)]), { stream: stream(1) })
      cursor.settle(n + 3)
      if (n > 0) await until(() => journal.stats().firstSeq > 0)
      await journal[Symbol.asyncDispose]()
    }
    expect(await exported(directory.path)).toMatchObject({ code: 0, said: ['3 events'] })
    expect(await exported(directory.path, { from: 1 })).toMatchObject({
      code: 0,
      said: ['seq 1..2: no longer kept', '3 events'],
    })
  })

  test('does not write over a file', async () => {
    await using directory = await temporaryDirectory()
    await (await open(directory.path, { config }))[Symbol.asyncDispose]()
    const output = join(directory.path, 'there')
    await writeFile(output, 'precious')
    const outcome = exportJournal({ dataDir: directory.path, keys, output, terminal: notOne, say: () => {} })
    await expect(outcome).rejects.toMatchObject({ code: 'usage', message: `${output} is there already` })
    expect(await readFile(output, 'utf8')).toBe('precious')
  })

  test.each(['x', '-1', '1.5', '1e3', ''])('%j is no seq', (text) => {
    expect(() => seqOf('--from', text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})
