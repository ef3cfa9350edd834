/**
 * A failed batch is never stepped over: whatever a destination answers, in whatever order, the cursor covers only
 * events that were accepted or kept as dead letters, and in the end it covers them all.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { event } from '../delivery/memory-journal.ts'
import { accepted, range, setUp } from '../delivery/scripted-sink.ts'

test('random outcomes, random order: no event is skipped', async () => {
  const input = fc.record({
    blocks: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
    // Seven of eight events go here.
    elsewhere: fc.integer({ min: 2, max: 8 }),
    bad: fc.uniqueArray(fc.nat(300), { maxLength: 6 }),
    outcomes: fc.array(fc.constantFrom('accepted', 'later', 'held', 'lost'), { maxLength: 60 }),
    turns: fc.array(fc.nat(6), { minLength: 1, maxLength: 20 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
    maxEvents: fc.integer({ min: 1, max: 30 }),
  })
  await fc.assert(
    fc.asyncProperty(input, async ({ blocks, elsewhere, bad, outcomes, turns, concurrency, maxEvents }) => {
      let request = 0
      const { journal, cursor, clock, sink, delivery, dlq } = await setUp(
        async (batch) => {
          const number = request++
          for (let turn = turns[number % turns.length]!; turn > 0; turn--) {
            await new Promise((resolve) => setImmediate(resolve))
          }
          const outcome = outcomes[number] ?? 'accepted'
          if (outcome === 'later' || outcome === 'held') return { kind: outcome, reason: outcome }
          if (batch.seqs.some((seq) => bad.includes(seq))) return { kind: 'refused', reason: 'bad' }
          // Taken, but the answer is lost: it comes again.
          if (outcome === 'lost') return { kind: 'later', reason: 'reset' }
          return accepted
        },
        { config: { batch: { max_events: maxEvents }, concurrency } },
      )
      const total = blocks.reduce((sum, size) => sum + size, 0)
      const routed = (seq: number) => seq % elsewhere !== 0
      let next = 0
      for (const size of blocks) {
        journal.append(
          range(next, next + size).map((seq) => ({ ...event(seq), routes: [routed(seq) ? 1 : 2] })),
        )
        next += size
      }
      await delivery.start()
      const step = { number: total }
      await clock.runUntil(() => {
        const settled = new Set(sink.accepted)
        const unsafe = range(0, Math.min(cursor.settled, total)).filter(
          (seq) => routed(seq) && !settled.has(seq) && !bad.includes(seq),
        )
        expect(unsafe).toEqual([])
        // What is held as "refused from its first event on" waits for other events.
        if (step.number < total + 40) journal.append([event(step.number++)])
        return cursor.settled >= total
      })
      const letters = await Promise.all(
        (await readdir(dlq).catch(() => [])).map((name) => readFile(join(dlq, name), 'utf8')),
      )
      const lettered = letters
        .join('')
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { seq: number }).seq)
      const all = new Set([...sink.accepted, ...lettered])
      expect(range(0, total).filter((seq) => routed(seq) && !all.has(seq))).toEqual([])
      expect(lettered.filter((seq) => !bad.includes(seq))).toEqual([])
      await delivery.stop(0)
    }),
    { numRuns: 40 },
  )
})
