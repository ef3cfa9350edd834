import { describe, expect, test } from 'vitest'
import { journalConfig, resolveLimit } from '../../src/journal/config.ts'

const gibibyte = 1024 ** 3

describe('journal configuration', () => {
  test('defaults', () => {
    expect(journalConfig.parse({})).toEqual({
      on_full: 'block',
      allow_loss: false,
      commit: { max_delay: 5, max_bytes: 1024 ** 2 },
      keep: 86_400_000,
      segment_size: 64 * 1024 ** 2,
      compression: 'none',
    })
  })

  test.each([
    ['10GiB', { bytes: 10 * gibibyte }],
    ['60%', { share: 0.6 }],
    ['100%', { share: 1 }],
  ])('max_size %s', (text, limit) => {
    expect(journalConfig.parse({ max_size: text }).max_size).toEqual(limit)
  })

  test.each([
    { max_size: '10' },
    { max_size: '0%' },
    { max_size: '101%' },
    { max_size: '1KiB' },
    { segment_size: '1KiB' },
    { keep: '5' },
    { on_full: 'drop_oldest' },
    { on_full: 'drop_newest' },
    { unknown: 1 },
  ])('%o is refused', (config) => {
    expect(journalConfig.safeParse(config).success).toBe(false)
  })

  test('drop_oldest names what it costs', () => {
    expect(journalConfig.safeParse({ on_full: 'drop_oldest', allow_loss: true }).success).toBe(true)
    const issues = journalConfig.safeParse({ on_full: 'drop_oldest' }).error?.issues
    expect(issues).toMatchObject([
      { path: ['on_full'], message: expect.stringContaining('allow_loss: true') },
    ])
  })

  test('the limit on a volume', () => {
    expect(resolveLimit(undefined, 10 * gibibyte)).toBe(6 * gibibyte)
    expect(resolveLimit(undefined, 100 * gibibyte)).toBe(10 * gibibyte)
    expect(resolveLimit({ share: 0.25 }, 8 * gibibyte)).toBe(2 * gibibyte)
    expect(resolveLimit({ bytes: 5 }, 1)).toBe(5)
  })
})
