import { expect, test } from 'vitest'
import { createIntakeMeter } from '../../src/agent/intake-meter.ts'
import type { NormalisedBatch } from '../../src/normalise/contract.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { lines, spec } from '../normalise/normalising.ts'

const shares = [
  [1, 5, 0.2],
  [1, 10, 0.1],
  [2, 3, 2 / 3],
  [0, 3, 0],
  [4, 4, 1],
] as const

test.each(shares)('%i complete of %i', async (complete, of, share) => {
  const metrics = createMetrics()
  const meter = createIntakeMeter('app', metrics, { dropped: () => {} })
  const normaliser = compileNormaliser(spec({ preset: 'json' }, { require: { default: ['actor.id'] } }))
  const text = Array.from(
    { length: of },
    (_, i) => `${JSON.stringify({ event: 'x', ...(i < complete && { user: 'u' }) })}\n`,
  ).join('')
  const batch: NormalisedBatch = lines(normaliser, text)
  meter.committed(batch, text.length, [])
  expect((await metrics.completeness.get()).values).toEqual([{ labels: { receiver: 'app' }, value: share }])
})
