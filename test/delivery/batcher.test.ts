import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BufferPool } from '../../src/buffer-pool.ts'
import { Batcher, type BatcherOptions } from '../../src/delivery/batcher.ts'
import type { CutBatch } from '../../src/delivery/open-batch.ts'
import { type PlannedCut, PlannedCuts, runsOf } from '../../src/delivery/planned-cut.ts'
import { SettledPrefix } from '../../src/delivery/settle.ts'
import { type Partitioner, Unroutable } from '../../src/sinks/sink.ts'
import { blockOf, event, type MemoryEvent, origin } from './memory-journal.ts'
import { range } from './scripted-sink.ts'

const byTeam: Partitioner = ({ event: { team } }, overrides) =>
  team === 'nobody' ? new Unroutable('no team') : `${String(team)}${overrides?.index ?? ''}`

const ofTeam = (number: number, team: string, routes = [1]): MemoryEvent => ({
  ...event(number, `,"team":"${team}"`),
  routes,
})

/** Everything of the blocks, cut as the loop cuts: what is full at once, the rest at the end. */
function cutAll(
  blocks: readonly (readonly MemoryEvent[])[],
  options: Partial<BatcherOptions> & {
    readonly overrides?: Parameters<Batcher['offer']>[2]
    readonly start?: number
  },
) {
  const { start = 0 } = options
  const prefix = new SettledPrefix(start)
  const limits = { maxBytes: 2000, maxEvents: 7 }
  const batcher = new Batcher(start, { origin, limits, pool: new BufferPool(0, 0), prefix, ...options })
  const cuts: CutBatch[] = []
  let seq = 0
  for (const events of blocks) {
    const block = blockOf(seq, events)
    seq += events.length
    if (seq <= start) continue
    batcher.offer(block, Uint32Array.of(0b11), options.overrides)
    while (batcher.hasSource) {
      batcher.fill(0)
      prefix.advance(batcher.position)
      for (let { ready } = batcher; ready !== undefined; ready = batcher.ready) cuts.push(batcher.cut(ready))
    }
  }
  for (let { oldest } = batcher; oldest !== undefined; oldest = batcher.oldest) cuts.push(batcher.cut(oldest))
  return { cuts, prefix, batcher }
}

const teams = fc.constantFrom('a', 'b', 'c', 'nobody')
const blocksOf = (names: readonly (readonly string[])[]) => {
  let seq = 0
  return names.map((block) => block.map((team) => ofTeam(seq++, team)))
}

test('each event is in one batch of its partition, in order, and the cursor waits for all of them', () => {
  const names = fc.array(fc.array(teams, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(names, (blocks) => {
      const all = blocks.flat()
      const { cuts, prefix } = cutAll(blocksOf(blocks), { partition: byTeam })
      const had = new Map<number, string>()
      const last = new Map<string, number>()
      for (const { batch, refusal } of cuts) {
        const team = refusal === undefined ? batch.partition : 'nobody'
        expect(batch.count).toBeLessThanOrEqual(7)
        for (const [index, seq] of batch.seqs.entries()) {
          expect(had.has(seq)).toBe(false)
          had.set(seq, team)
          expect(seq).toBeGreaterThan(last.get(team) ?? -1)
          last.set(team, seq)
          const line: unknown = JSON.parse(batch.lines.toString().split('\n')[index]!)
          expect(line).toMatchObject({ n: seq, team, log: { seq } })
        }
      }
      expect([...had].sort(([a], [b]) => a - b)).toEqual(all.map((team, seq) => [seq, team]))
      const left = [...cuts]
      while (left.length > 0) {
        expect(prefix.settled).toBe(Math.min(...left.map(({ range: { from } }) => from)))
        prefix.settle(left.splice(left.length >> 1, 1)[0]!.range)
      }
      expect(prefix.settled).toBe(all.length)
    }),
  )
})

test('what was fixed before a restart is cut the same, what is done is passed over, the rest is new', () => {
  const names = fc.array(fc.array(teams, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(names, fc.infiniteStream(fc.constantFrom('open', 'done', 'unknown')), (blocks, fates) => {
      const before = cutAll(blocksOf(blocks), { partition: byTeam }).cuts.filter(
        ({ refusal }) => refusal === undefined,
      )
      const planned = before.flatMap(({ batch }, index): PlannedCut[] => {
        const fate = fates.next().value
        if (fate === 'unknown') return []
        const { epoch, partition, seqs, firstSeq, lastSeq } = batch
        const done = fate === 'done'
        return [
          { id: index + 1, epoch, partition, runs: runsOf(seqs), firstSeq, lastSeq, done, plan: undefined },
        ]
      })
      let passed = 0
      const { cuts } = cutAll(blocksOf(blocks), {
        partition: byTeam,
        planned: new PlannedCuts(planned),
        passed: (events) => (passed += events),
      })
      const again = cuts.filter((cut) => cut.planned !== undefined)
      expect(
        again
          .map(({ planned: plan, batch }) => `${plan!.id} ${batch.key} ${batch.partition}`)
          .toSorted((a, b) => a.localeCompare(b)),
      ).toEqual(
        planned
          .filter(({ done }) => !done)
          .map(({ id }) => `${id} ${before[id - 1]!.batch.key} ${before[id - 1]!.batch.partition}`)
          .toSorted((a, b) => a.localeCompare(b)),
      )
      const done = planned.filter((plan) => plan.done).map(({ id }) => before[id - 1]!.batch.count)
      expect(passed).toBe(done.reduce((sum, count) => sum + count, 0))
      const sent = cuts.flatMap(({ batch }) => [...batch.seqs])
      expect(new Set(sent).size).toBe(sent.length)
      expect(sent.length + passed).toBe(blocks.flat().length)
    }),
  )
})

test('an event that two routes send differently goes twice, and its key differs', () => {
  let more = 0
  const { cuts } = cutAll([range(0, 20).map((n) => ofTeam(n, 'a', [n % 3]))], {
    partition: byTeam,
    repeated: (_stream, events) => (more += events),
    overrides: {
      variants: (routes, at) => (routes[at] === 2 ? [{ index: '-x' }, { index: '-y' }] : [undefined]),
    },
  })
  const seqsOf = (partition: string) =>
    cuts.filter(({ batch }) => batch.partition === partition).flatMap(({ batch }) => [...batch.seqs])
  expect(seqsOf('a')).toEqual(range(0, 20).filter((n) => n % 3 === 1))
  const twice = range(0, 20).filter((n) => n % 3 === 2)
  expect(seqsOf('a-x')).toEqual(twice)
  expect(seqsOf('a-y')).toEqual(twice)
  expect(more).toBe(twice.length)
  expect(new Set(cuts.map(({ batch }) => batch.key)).size).toBe(cuts.length)
})

test('open batches are bounded, in number and in bytes together', () => {
  const many = range(0, 500).map((n) => ofTeam(n, `team-${n}`))
  const prefix = new SettledPrefix(0)
  const limits = { maxBytes: 4000, maxEvents: 100 }
  const batcher = new Batcher(0, { origin, limits, pool: new BufferPool(0, 0), prefix, partition: byTeam })
  batcher.offer(blockOf(0, many), Uint32Array.of(1))
  let most = 0
  let bytes = 0
  while (batcher.hasSource) {
    batcher.fill(0)
    most = Math.max(most, batcher.openCount)
    for (let { ready } = batcher; ready !== undefined; ready = batcher.ready)
      bytes += batcher.cut(ready).batch.lines.length
  }
  expect(most).toBeLessThanOrEqual(65)
  expect(bytes).toBeGreaterThan(0)
})
