import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { renderMetricsReference } from '../../development/generate-metrics.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

test('names say what they count, and only counters end in _total', async () => {
  const metrics = await createMetrics().registry.getMetricsAsJSON()
  for (const { name, type, help } of metrics) {
    expect(name).toMatch(/^(affiant|process|nodejs)_[a-z]+(_[a-z]+)*$/)
    expect(help).not.toBe('')
    expect([name, name.endsWith('_total')]).toEqual([name, String(type) === 'counter'])
  }
})

test('docs/metrics.md lists them all', async () => {
  expect(await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(
    renderMetricsReference(),
  )
})
