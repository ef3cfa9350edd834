/**
 * What every receiver must do, whatever it reads. A receiver's own test calls `receiverContract` with a way to set
 * one up on an intake in memory and to send it records; each record carries a marker that the contract looks for.
 */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { TextRecord } from '../../src/event/record.ts'
import type { Receiver } from '../../src/receivers/receiver.ts'
import { MemoryIntake } from './memory-intake.ts'
import { throughout, until } from './until.ts'

/** `taken`: acknowledged, or (for files) written. `refused`: the sender was told to try again. */
type Sent = 'taken' | 'refused'

export interface ReceiverUnderTest extends AsyncDisposable {
  /** Not started yet. */
  readonly receiver: Receiver
  /** Whether a sender waits for the commit: then what is sent resolves only after it. */
  readonly acknowledges: boolean
  /** Sends one record a marker, in order. Rejects once the receiver has stopped, if it acknowledges. */
  send(markers: readonly string[]): Promise<Sent>
  /** The same, with what they are known by when they are sent again; by receivers that know such. */
  sendKnown?(markers: readonly string[]): Promise<Sent>
  /** Sends these JSON objects in one request, as they are written: by receivers whose records are texts with a limit. */
  sendTexts?(texts: readonly string[]): Promise<Sent>
}

export function receiverContract(
  name: string,
  create: (intake: MemoryIntake) => Promise<ReceiverUnderTest>,
  {
    knowsAgain = false,
    textsUpTo,
  }: {
    readonly knowsAgain?: boolean
    /** Bytes that a text may have, as it is configured. */
    readonly textsUpTo?: number
  } = {},
): void {
  const markers = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `marker-${String(from + index).padStart(5, '0')}`)

  async function started() {
    const intake = new MemoryIntake()
    const subject = await create(intake)
    await subject.receiver.start()
    return { intake, subject }
  }

  describe(`${name} keeps the receiver contract`, () => {
    test('what is sent is committed once, in order', async () => {
      const { intake, subject } = await started()
      await using _ = subject
      expect(await subject.send(markers(0, 500))).toBe('taken')
      await until('all committed', () => seen(intake).length >= 500)
      expect(await subject.send(markers(500, 520))).toBe('taken')
      await until('all committed', () => seen(intake).length >= 520)
      expect(seen(intake)).toEqual(markers(0, 520))
    })

    test('a stream is opened once, before anything of it', async () => {
      const { intake, subject } = await started()
      await using _ = subject
      await subject.send(markers(0, 3))
      await until('committed', () => seen(intake).length === 3)
      await subject.send(markers(3, 6))
      await until('committed', () => seen(intake).length === 6)
      for (const stream of new Set(intake.journal.map((entry) => entry.stream))) {
        const kinds = intake.journal.filter((entry) => entry.stream === stream).map(({ kind }) => kind)
        expect(kinds[0]).toBe('open')
        expect(kinds.filter((kind) => kind === 'open')).toHaveLength(1)
      }
    })

    test('nothing is acknowledged before its commit', async () => {
      const { intake, subject } = await started()
      await using _ = subject
      await subject.send(markers(0, 1))
      await until('the first', () => seen(intake).length === 1)
      intake.hold()
      let acknowledged = false
      const sent = subject.send(markers(1, 2)).then(() => {
        acknowledged = true
      })
      const positions = JSON.stringify(intake.known().map(({ position }) => position))
      await throughout('unacknowledged', 100, () => !(acknowledged && subject.acknowledges))
      expect(JSON.stringify(intake.known().map(({ position }) => position))).toBe(positions)
      intake.relieve()
      await sent
      await until('committed', () => seen(intake).length === 2)
    })

    test('a journal under pressure loses nothing and repeats nothing', async () => {
      const { intake, subject } = await started()
      await using _ = subject
      await subject.send(markers(0, 10))
      await until('the first', () => seen(intake).length === 10)
      intake.press()
      const sent = await subject.send(markers(10, 20))
      expect(sent).toBe(subject.acknowledges ? 'refused' : 'taken')
      await throughout('nothing committed', 100, () => seen(intake).length === 10)
      intake.relieve()
      if (sent === 'refused') expect(await subject.send(markers(10, 20))).toBe('taken')
      await until('the rest', () => seen(intake).length >= 20)
      expect(seen(intake)).toEqual(markers(0, 20))
    })

    test('stop in mid-batch lets what is in flight commit', async () => {
      const { intake, subject } = await started()
      await using _ = subject
      await subject.send(markers(0, 1))
      await until('the first', () => seen(intake).length === 1)
      intake.hold()
      const sent = subject.send(markers(1, 50)).catch(() => 'refused' as const)
      await until('in flight', () => intake.pending > 0)
      let stopped = false
      const stopping = subject.receiver.stop().then(() => {
        stopped = true
      })
      await throughout('waiting for the commit', 60, () => !stopped)
      intake.relieve()
      await stopping
      expect(await sent).toBe('taken')
      expect(seen(intake)).toEqual(markers(0, 50))
    })

    test('stop ends under pressure, and again, and after it nothing is taken', async () => {
      const { intake, subject } = await started()
      await using _ = subject
      await subject.send(markers(0, 1))
      await until('the first', () => seen(intake).length === 1)
      intake.press()
      await subject.send(markers(1, 3))
      await subject.receiver.stop()
      await subject.receiver.stop()
      intake.relieve()
      await subject.send(markers(3, 5)).catch(() => 'refused')
      await throughout('nothing more', 100, () => seen(intake).length === 1)
    })

    if (knowsAgain) {
      test('what is sent again is answered alike, committed once, and counted', async () => {
        const { intake, subject } = await started()
        await using _ = subject
        const sendKnown = (from: number, to: number) => subject.sendKnown!(markers(from, to))
        expect(await sendKnown(0, 20)).toBe('taken')
        expect(await sendKnown(0, 20)).toBe('taken')
        expect(seen(intake)).toEqual(markers(0, 20))
        expect(intake.repeats).toEqual([{ duplicates: 20, conflicts: 0 }])
        // What was refused is not known.
        intake.press()
        expect(await sendKnown(20, 40)).toBe('refused')
        intake.relieve()
        expect(await sendKnown(20, 40)).toBe('taken')
        expect(seen(intake)).toEqual(markers(0, 40))
      })

      test('what is sent again before its commit is answered after it', async () => {
        const { intake, subject } = await started()
        await using _ = subject
        await subject.send(markers(0, 1))
        intake.hold()
        let answered = 0
        const sent = [0, 1, 2].map(() => subject.sendKnown!(markers(1, 5)).finally(() => answered++))
        await until('one is handed in', () => intake.pending > 0)
        await throughout('nobody is answered', 60, () => answered === 0 && intake.pending === 1)
        intake.relieve()
        expect(await Promise.all(sent)).toEqual(['taken', 'taken', 'taken'])
        expect(seen(intake)).toEqual(markers(0, 5))
      })
    }

    if (textsUpTo !== undefined) {
      test('a record over the limit is taken like the others: its head, its size and its hash', async () => {
        const { intake, subject } = await started()
        await using _ = subject
        const textOf = (marker: string, bytes: number) => {
          const [begin, end] = [`{"kind":"Event","event":{"${marker}":["`, '"]}}']
          const room = bytes - begin.length - end.length
          return `${begin}${room % 2 === 0 ? '' : 'e'}${'é'.repeat(Math.floor(room / 2))}${end}`
        }
        const long = textOf('marker-00001', textsUpTo + 1)
        const texts = [textOf('marker-00000', textsUpTo), long, textOf('marker-00002', 100)]
        expect(await subject.sendTexts!(texts)).toBe('taken')
        expect(seen(intake)).toEqual(markers(0, 3))
        const records = intake.recordChunks.flatMap((chunk) => chunk.records) as TextRecord[]
        const size = Buffer.byteLength(long)
        expect(size).toBe(textsUpTo + 1)
        const sha256 = createHash('sha256').update(long).digest('hex')
        expect(records.map(({ oversize }) => oversize)).toEqual([undefined, { size, sha256 }, undefined])
        const head = records[1]!.text
        expect(long.startsWith(head)).toBe(true)
        expect(Buffer.byteLength(head)).toBeGreaterThan(60_000)
        expect(Buffer.byteLength(head)).toBeLessThanOrEqual(64 * 1024)
      })
    }

    test('says in a line what it does', async () => {
      const { subject } = await started()
      await using _ = subject
      const { verb, what } = subject.receiver.describe()
      expect(['follows', 'listens']).toContain(verb)
      expect(what).toMatch(/^\S.*$/)
    })
  })
}

/** Markers in commit order. */
function seen(intake: MemoryIntake): string[] {
  const lines = intake.texts()
  const records = intake.recordChunks.flatMap((chunk) =>
    chunk.records.map((record) => ('text' in record ? record.text : JSON.stringify(record))),
  )
  return [...lines, ...records].flatMap((record) => /marker-\d{5}/.exec(record)?.[0] ?? [])
}
