import { expect, onTestFinished, test } from 'vitest'
import type { NormalisedBatch } from '../../src/normalise/contract.ts'
import { SpareThread } from '../../src/normalise/spare-thread.ts'
import { until } from '../e2e/until.ts'
import { observed, spec, stream } from './normalising.ts'

test('the thread ends when there is nothing for it, and starts again when there is', async () => {
  const told: string[] = []
  const spare = new SpareThread({
    specs: [spec({ preset: 'json' })],
    runInline: () => told.push('inline'),
    keptFor: 20,
    onCrash: ({ message }) => told.push(message),
  })
  onTestFinished(() => spare.end())
  const run = () =>
    new Promise<NormalisedBatch>((resolve, reject) => {
      const records = { stream, records: [{ text: '{"event":"a.read"}' }], index: 0, observed }
      spare.run({ receiver: 'app', task: { records }, resolve, reject })
    })
  expect(spare.isRunning).toBe(false)
  for (let time = 0; time < 2; time++) {
    const answers = [run(), run()]
    expect(spare.isRunning).toBe(true)
    expect((await Promise.all(answers)).map(({ count }) => count)).toEqual([1, 1])
    await until('it has ended', () => !spare.isRunning)
  }
  // As intended, and nothing of it was done elsewhere.
  expect(told).toEqual([])
})
