import { defineConfig } from 'vitest/config'

/** Sinks against the real servers of others. One file at a time: some of them have fixed ports. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
