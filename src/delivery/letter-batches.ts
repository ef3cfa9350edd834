/**
 * The letters of one file as batches. Invariant: where a batch is cut depends on the file and the range alone, never on what
 * was sent of it before, so that after a kill the same batches come again, under the same keys and names.
 */
import { type DeliveryBatch, Unroutable } from '../sinks/sink.ts'
import { makeBatch } from './batch.ts'
import { type KeptLetter, keyOf, linesIn } from './letters-on-disk.ts'
import type { LineLimits } from './output-lines.ts'

/** More partitions than this and the one begun first is cut as it is. */
const MOST_OPEN = 64

/** Where an event goes: at least one; several, where routes set different things for it. */
export type LetterTargets = (letter: KeptLetter) => readonly (string | Unroutable)[]

/** A letter that is to be sent. */
export interface LetterEntry {
  readonly key: string
  /** Its lines: one that is there twice in a batch goes once. */
  readonly numbers: number[]
  readonly seq: number
  readonly event: Buffer
  /** How many of its targets do not have it yet. */
  left: number
}

export interface LetterBatch {
  readonly batch: DeliveryBatch
  /** In the order of the batch. */
  readonly entries: readonly LetterEntry[]
  /** Why these may not be sent; then they are not. */
  readonly refusal: string | undefined
}

export interface LetterCut {
  readonly path: string
  /** Seqs, both included. */
  readonly from: number
  readonly to: number
  readonly limits: LineLimits
  readonly targets: LetterTargets
  /** Whether this letter needs sending: it has not been accepted before, from this file or another. */
  readonly isDue: (letter: KeptLetter, number: number) => boolean
}

interface OpenLetters {
  readonly key: string
  readonly origin: string
  readonly partition: string
  readonly refusal: string | undefined
  readonly entries: LetterEntry[]
  readonly byKey: Map<string, LetterEntry>
  /** Of all that would be in it, sent or not. */
  bytes: number
  count: number
}

export async function* letterBatches(cut: LetterCut): AsyncGenerator<LetterBatch> {
  const { limits } = cut
  const open = new Map<string, OpenLetters>()
  for await (const { number, letter } of linesIn(cut.path)) {
    if (letter === undefined || letter.seq < cut.from || letter.seq > cut.to) continue
    const due = cut.isDue(letter, number)
    const targets = cut.targets(letter)
    const entry: LetterEntry = {
      key: keyOf(letter),
      numbers: [number],
      seq: letter.seq,
      event: letter.event,
      left: targets.length,
    }
    for (const target of targets) {
      const letters = openFor(open, letter.origin, target)
      const { length } = letter.event
      if (letters.count > 0 && letters.bytes + length > limits.maxBytes) {
        open.delete(letters.key)
        yield* closed(letters)
      }
      const into = openFor(open, letter.origin, target)
      into.bytes += length
      into.count++
      if (due) add(into, entry)
      if (into.count >= limits.maxEvents || into.bytes >= limits.maxBytes) {
        open.delete(into.key)
        yield* closed(into)
      }
    }
    // Together they stay below two full ones, and few.
    while (open.size > MOST_OPEN || sizeOf(open) > 2 * limits.maxBytes) {
      const [oldest] = open.values()
      if (oldest === undefined) break
      open.delete(oldest.key)
      yield* closed(oldest)
    }
  }
  for (const letters of open.values()) yield* closed(letters)
}

const sizeOf = (open: ReadonlyMap<string, OpenLetters>): number =>
  open.values().reduce((sum, { bytes }) => sum + bytes, 0)

function openFor(open: Map<string, OpenLetters>, origin: string, target: string | Unroutable): OpenLetters {
  const refusal = target instanceof Unroutable ? target.reason : undefined
  const partition = target instanceof Unroutable ? '' : target
  const key = JSON.stringify([origin, partition, refusal])
  let letters = open.get(key)
  if (letters === undefined) {
    letters = { key, origin, partition, refusal, entries: [], byKey: new Map(), bytes: 0, count: 0 }
    open.set(key, letters)
  }
  return letters
}

function add({ entries, byKey }: OpenLetters, entry: LetterEntry): void {
  const same = byKey.get(entry.key)
  if (same !== undefined && same.left === entry.left) {
    same.numbers.push(...entry.numbers)
    return
  }
  byKey.set(entry.key, entry)
  entries.push(entry)
}

function* closed({ origin, partition, refusal, entries }: OpenLetters): Generator<LetterBatch> {
  if (entries.length === 0) return
  const sorted = entries.toSorted((a, b) => a.seq - b.seq)
  const batch = makeBatch({
    origin,
    epoch: Number(origin.slice(origin.lastIndexOf('/') + 1)) || 0,
    partition,
    lines: Buffer.concat(sorted.map(({ event }) => event)),
    lengths: Uint32Array.from(sorted, ({ event }) => event.length - 1),
    seqs: Float64Array.from(sorted, ({ seq }) => seq),
  })
  yield { batch, entries: sorted, refusal }
}
