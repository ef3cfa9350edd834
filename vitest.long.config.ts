import { defineConfig } from 'vitest/config'

/** What takes minutes: a slice of it in CI, all of it with AFFIANT_FULL=1. One at a time, since each measures. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/temporary-files.ts'],
    setupFiles: ['test/ending-processes.ts', 'test/written-over.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    // A loaded machine is no reason to fail: what is waited for comes, or the test itself is over.
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    maxWorkers: 1,
  },
})
