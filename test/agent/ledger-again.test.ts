// A sink that changes is delivered to by one loop after another, each from the cursor on: the books count each event once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ledger } from '../../src/agent/ledger.ts'
import type { EncodedBatch } from '../../src/event/batch.ts'

const routes = [{ name: 'a', to: ['one'], continue: false }]
const streams = ['s0', 's1']
/** Kept as dead letters; delivered twice. */
const isRefused = (seq: number) => seq % 5 === 0
const isTwice = (seq: number) => seq % 7 === 0

const batchOf = (bits: readonly number[]): EncodedBatch => ({
  count: bits.length,
  payload: new Uint8Array(0),
  lengths: new Uint32Array(bits.length),
  raw: new Uint8Array(0),
  rawLengths: new Uint32Array(bits.length),
  routes: Uint32Array.from(bits),
  routeWords: 1,
  observedMin: 0,
  observedMax: 0,
})

interface Block {
  readonly stream: string
  readonly firstSeq: number
  readonly bits: readonly number[]
}

/** One loop: takes blocks up, has events of them accepted or kept in any order, and settles what is done without a gap. */
class Loop {
  readonly #blocks: readonly Block[]
  readonly #account: ReturnType<Ledger['account']>
  #next: number
  #open: number[] = []
  position: number
  settled: number

  constructor(ledger: Ledger, blocks: readonly Block[], settled: number) {
    this.#blocks = blocks
    this.#account = ledger.account('one', settled)
    this.#next = blocks.findIndex(({ firstSeq, bits }) => firstSeq + bits.length > settled)
    if (this.#next < 0) this.#next = blocks.length
    this.position = settled
    this.settled = settled
  }

  take(): boolean {
    const block = this.#blocks[this.#next]
    if (block === undefined) return false
    this.#next++
    const { stream, firstSeq, bits } = block
    const seqs = bits.flatMap((bit, at) =>
      bit === 1 && firstSeq + at >= this.settled ? [firstSeq + at] : [],
    )
    this.#account.taken({ stream, firstSeq, count: bits.length }, seqs.length)
    for (const seq of seqs) if (isTwice(seq)) this.#account.repeated(stream, 1)
    this.#open.push(...seqs)
    this.position = firstSeq + bits.length
    this.#settle()
    return true
  }

  /** The `at`th of those that are open. */
  answer(at: number): void {
    const [seq] = this.#open.splice(at % Math.max(1, this.#open.length), 1)
    if (seq === undefined) return
    const times = isTwice(seq) ? 2 : 1
    if (isRefused(seq)) for (let time = 0; time < times; time++) this.#account.lettered([seq])
    else this.#account.accepted(times)
    this.#settle()
  }

  finish(): void {
    while (this.#open.length > 0 || this.take()) this.answer(0)
  }

  #settle(): void {
    this.settled = this.#open.reduce((least, seq) => Math.min(least, seq), this.position)
    this.#account.settled(this.settled)
  }
}

const block = fc.record({ stream: fc.nat(1), bits: fc.array(fc.nat(1), { minLength: 1, maxLength: 6 }) })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), block }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), at: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const) }) },
)

test('whatever one loop had taken up and answered when the next began, the books balance to the event', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), fc.array(step, { maxLength: 80 }), (before, steps) => {
      const blocks: Block[] = []
      let end = 0
      const add = ({ stream, bits }: { readonly stream: number; readonly bits: readonly number[] }) => {
        const made = { stream: streams[stream]!, firstSeq: end, bits }
        blocks.push(made)
        end += bits.length
        return made
      }
      for (const each of before) add(each)
      const start = end
      const ledger = new Ledger({ routes, sinks: ['one'] })
      ledger.open(
        start,
        streams.map((stream) => ({
          stream,
          descriptor: new Uint8Array(0),
          position: { offset: 1, ranges: [] },
        })),
      )
      let loop = new Loop(ledger, blocks, 0)
      for (const each of steps) {
        if (each.kind === 'commit') {
          const { stream, firstSeq, bits } = add(each.block)
          const position = { offset: firstSeq + 2, ranges: [] }
          ledger.committed(batchOf(bits), { stream, position }, firstSeq)
        } else if (each.kind === 'take') loop.take()
        else if (each.kind === 'answer') loop.answer(each.at)
        else loop = new Loop(ledger, blocks, loop.settled)
      }
      loop.finish()

      const seqs = (of: readonly Block[]) =>
        of.flatMap(({ firstSeq, bits }) => bits.flatMap((bit, at) => (bit === 1 ? [firstSeq + at] : [])))
      const deliveries = (all: readonly number[]) => all.length + all.filter(isTwice).length
      const all = seqs(blocks)
      const letters = deliveries(all.filter(isRefused))
      expect(ledger.sink('one')).toEqual({
        routed: deliveries(all),
        accepted: deliveries(all) - letters,
        deadLettered: letters,
        missed: 0,
        unsettled: 0,
        settledSeq: end,
      })
      for (const stream of streams) {
        const own = seqs(blocks.filter((each) => each.stream === stream))
        const refused = deliveries(own.filter(isRefused))
        expect(ledger.stream(stream)?.sinks.get('one')).toMatchObject({
          routed: own.length,
          accepted: deliveries(own) - refused,
          deadLettered: refused,
        })
      }
    }),
    { numRuns: 500 },
  )
})
