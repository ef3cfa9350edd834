import { defineConfig } from 'vitest/config'

/** Sinks against the real servers of others, and receivers against their clients. One file at a time: some of them have fixed ports. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    globalSetup: ['test/temporary-files.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A loaded machine is no reason to fail: what is waited for comes, or the test itself is over.
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    maxWorkers: 1,
  },
})
