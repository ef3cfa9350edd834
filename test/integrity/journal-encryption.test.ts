/** Encrypted journals: unreadable without their keys, readable through rotations, and nothing in them can be moved. */
import { randomBytes } from 'node:crypto'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectJournal } from '../../src/cli/journal-inspect.ts'
import { journalConfig } from '../../src/journal/config.ts'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { openBody, openHeader } from '../../src/journal/open-block.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { encoded, incarnation } from '../journal/encoded-block.ts'
import {
  batchOf,
  drain,
  open,
  smallConfig,
  stream,
  temporaryDirectory,
} from '../journal/journal-directory.ts'

const newKey = () => randomBytes(32).toString('hex')
const configOf = (keys: readonly string[], more: Record<string, unknown> = {}) =>
  smallConfig({ ...more, ...(keys.length > 0 ? { encryption: { keys } } : {}) })
const ringOf = (keys: readonly string[]) => new KeyRing(keys.map(parseKey))
const secret = 'a text that must not be on the disk'
const path = '/var/log/secret-path.log'
const update = (n: number, offset: number) => ({
  stream: stream(n),
  descriptor: Buffer.from(JSON.stringify({ path, n })),
  position: { offset, ranges: [], check: { length: 3, crc: 5, from: 0, sum: 6 } },
})

async function bytesBelow(directory: string): Promise<Buffer> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Buffer.concat(await Promise.all(paths.map((each) => readFile(each))))
}

describe('an encrypted journal', () => {
  test.each(['none', 'zstd'])(
    'shows nothing on disk, and all of it to who has the key (%s)',
    async (compression) => {
      await using directory = await temporaryDirectory()
      const key = newKey()
      const config = configOf([key], { compression })
      const texts = Array.from({ length: 30 }, (_, n) => `${n} ${secret}`)
      const live = await (async () => {
        await using journal = await open(directory.path, { config, cacheBytes: 0 })
        await journal.append(batchOf(texts, [secret]), update(1, 10))
        await journal.append(batchOf([]), update(2, 20))
        await using reader = journal.read(0)
        expect((await drain(reader)).map(([, text]) => text)).toEqual(texts)
        return journal.liveStreams()
      })()
      // Once from blocks, once from a snapshot.
      for (const _ of [1, 2]) {
        await using journal = await open(directory.path, { config, cacheBytes: 0 })
        expect(journal.recovery).toMatchObject({ clean: true, damaged: [] })
        expect(journal.liveStreams()).toEqual(live)
        await using reader = journal.read(0)
        const block = await reader.next()
        expect(block?.raw.toString()).toBe(secret)
      }
      const bytes = await bytesBelow(directory.path)
      for (const text of [secret, path, key, Buffer.from(key, 'hex')])
        expect(bytes.includes(text)).toBe(false)
    },
  )

  test('without its key nothing is read, nothing is touched, and the error names key and file', async () => {
    await using directory = await temporaryDirectory()
    const key = newKey()
    await (await open(directory.path, { config: configOf([key]) }))[Symbol.asyncDispose]()
    await using copy = await temporaryDirectory()
    await cp(directory.path, copy.path, { recursive: true })
    const other = newKey()
    const refusal = {
      code: 'journal_key',
      message: expect.stringMatching(
        new RegExp(`-00000001\\.seg is encrypted with key ${parseKey(key).id}, which is not given`),
      ),
    }
    for (const keys of [[], [other]]) {
      const config = configOf(keys)
      const given = keys.map((each) => parseKey(each).id).join() || 'none'
      await expect(open(directory.path, { config })).rejects.toMatchObject({
        ...refusal,
        hint: expect.stringContaining(`given now: ${given}`),
      })
      await expect(openJournalForReading(directory.path, { keys: ringOf(keys) })).rejects.toMatchObject(
        refusal,
      )
      await expect(inspectJournal(directory.path, () => {}, ringOf(keys))).rejects.toMatchObject(refusal)
    }
    const journalOf = (at: string) => bytesBelow(join(at, 'journal'))
    expect(await journalOf(directory.path)).toEqual(await journalOf(copy.path))
  })

  test('keys rotate three times, with a kill before each: every segment stays readable', async () => {
    const fs = new CrashFileSystem()
    const inMemory = (keys: readonly string[]) =>
      open('/data', { fs, config: configOf(keys), lock: async () => ({ release: () => {} }), cacheBytes: 0 })
    const keys: string[] = []
    const expected: string[] = []
    const ids = new Set<string>()
    // Plain at first: switching encryption on is a rotation too.
    for (let round = 0; round < 5; round++) {
      const journal = await inMemory(keys)
      expect(journal.recovery.damaged).toEqual([])
      const [to = null, from = null] = keys.map((key) => parseKey(key).id)
      expect(journal.recovery.keyChange).toEqual(round === 0 ? undefined : { from, to })
      expect(journal.liveStreams().map(({ position }) => position.offset)).toEqual(
        round > 0 ? [round - 1] : [],
      )
      for (const text of [`${round} first`, `${round} second`]) {
        await journal.append(batchOf([text]), update(1, round))
        expected.push(text)
      }
      await using reader = journal.read(0)
      expect((await drain(reader)).map(([, text]) => text)).toEqual(expected)
      // Killed, and all that was not synced is lost.
      fs.powerFor = 0
      await journal[Symbol.asyncDispose]()
      fs.powerFor = Number.POSITIVE_INFINITY
      fs.restart(() => false)
      expect(await openJournalForReading('/data', { fs, keys: ringOf(keys) })).toMatchObject({
        durableSeq: expected.length,
      })
      ids.add(keys[0] ?? 'none')
      keys.unshift(newKey())
    }
    expect(ids.size).toBe(5)
    // The oldest key is still needed, and missed by name.
    const oldest = keys.at(-1)!
    await expect(inMemory(keys.slice(0, -1))).rejects.toMatchObject({
      code: 'journal_key',
      message: expect.stringContaining(parseKey(oldest).id),
    })
  })

  test('switched off, what was encrypted stays readable while the key is given', async () => {
    await using directory = await temporaryDirectory()
    const keys = [newKey()]
    const first = await open(directory.path, { config: configOf(keys) })
    await first.append(batchOf(['encrypted']), update(1, 1))
    await first[Symbol.asyncDispose]()
    await expect(open(directory.path)).rejects.toMatchObject({ code: 'journal_key' })
    const off = smallConfig({ encryption: { keys, encrypt: false } })
    await using journal = await open(directory.path, { config: off, cacheBytes: 0 })
    await journal.append(batchOf(['in plain']), update(1, 2))
    await using reader = journal.read(0)
    expect((await drain(reader)).map(([, text]) => text)).toEqual(['encrypted', 'in plain'])
    expect((await bytesBelow(directory.path)).includes('in plain')).toBe(true)
  })
})

describe('what belongs to one place', () => {
  const ring = ringOf([newKey()])
  const batch = batchOf(['{"a":1}', '{"b":2}'], ['raw'])

  test('is not believed in another: each byte of header and body counts', async () => {
    const { cipher } = ring.create(incarnation)
    const { header, body } = await encoded(batch, { cipher })
    expect(await openBody(header, body, cipher)).not.toBeNull()
    const encrypted = header.encrypted
    if (!encrypted) throw new Error('not encrypted')
    const { associated } = encrypted
    for (let at = 0; at < associated.byteLength; at++) {
      const changed = Buffer.from(associated)
      changed[at]! ^= 1
      const moved = { ...header, encrypted: { ...encrypted, associated: changed } }
      expect(await openBody(moved, body, cipher), `byte ${at}`).toBeNull()
    }
  })

  test('nor a descriptor under another stream, nor a block that is not encrypted, nor with another data key', async () => {
    const { cipher } = ring.create(incarnation)
    const { header, body } = await encoded(batch, { cipher })
    expect(openHeader(header, cipher)?.descriptor?.toString()).toBe('descriptor of a file')
    expect(openHeader({ ...header, stream: stream(2) }, cipher)).toBeNull()
    expect(openHeader(header, null)).toBeNull()
    const plain = await encoded(batch)
    expect(openHeader(plain.header, cipher)).toBeNull()
    const other = ring.create(incarnation).cipher
    expect(openHeader(header, other)).toBeNull()
    expect(await openBody(header, body, other)).toBeNull()
  })

  test('a data key opens with its own incarnation only', () => {
    const made = ring.create(incarnation)
    expect(ring.open({ ...made, incarnation }, 'x.seg')).not.toBeNull()
    expect(() => ring.open({ ...made, incarnation: Buffer.alloc(16) }, 'x.seg')).toThrow(
      expect.objectContaining({ code: 'journal_key', message: expect.stringContaining('x.seg') }),
    )
  })
})

describe('keys', () => {
  test('are 64 hex digits or base64, and are not printed', () => {
    const bytes = randomBytes(32)
    const key = parseKey(bytes.toString('hex'))
    expect(parseKey(bytes.toString('base64')).id).toBe(key.id)
    expect(parseKey(bytes.toString('hex').toUpperCase()).id).toBe(key.id)
    const config = journalConfig.parse({ encryption: { keys: [bytes.toString('base64')] } })
    expect(JSON.stringify(config)).toContain(key.id)
    expect(JSON.stringify(config)).not.toContain(bytes.toString('base64'))
  })

  test.each([
    ['a key that is too short', ['ab'], /32 bytes/],
    ['one in the list twice', ['ab'.repeat(32), 'AB'.repeat(32)], /in the list already/],
    ['no key at all', [], /./],
  ])('%s is refused without naming it', (_, keys, message) => {
    const { error } = journalConfig.safeParse({ encryption: { keys } })
    expect(error?.issues[0]?.message).toMatch(message)
    for (const key of keys) expect(JSON.stringify(error?.issues)).not.toContain(key)
  })
})
