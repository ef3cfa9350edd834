import { expect, test } from 'vitest'
import { z } from 'zod'
import { deliveryShape } from '../../src/delivery/config.ts'
import { fileSinkConfig } from '../../src/sinks/file/config.ts'
import { httpSinkConfig } from '../../src/sinks/http/config.ts'

test("a sink's own options and delivery's make one strict object", () => {
  const http = z.strictObject({ ...httpSinkConfig.shape, ...deliveryShape({ concurrency: 4 }) })
  expect(
    http.parse({ type: 'http', url: 'https://example.com/', batch: { max_bytes: '2MiB' } }),
  ).toMatchObject({
    batch: { max_bytes: 2 * 1024 ** 2, max_events: 10_000, timeout: 50, linger: 5 },
    concurrency: { min: 1, max: 4 },
    required: true,
    retry: { initial: 500, max: 30_000 },
    start: 'earliest',
    timeout: 30_000,
  })
  const file = z.strictObject({ ...fileSinkConfig.shape, ...deliveryShape({ concurrency: 1 }) })
  expect(file.parse({ type: 'file', path: 'x' }).concurrency).toEqual({ min: 1, max: 1 })
  for (const wrong of [
    { batch: { max_byte: '1MiB' } },
    { batch: { max_events: 0 } },
    { batch: { timeout: 50 } },
    { concurrency: 0 },
    { retry: { attempts: 5 } },
    { start: 'tail' },
  ]) {
    expect(file.safeParse({ type: 'file', path: 'x', ...wrong }).success).toBe(false)
  }
})
