import { defineConfig } from 'vitest/config'

/** The crash matrix: a slice of it in CI, all of it with AFFIANT_FULL=1. One file at a time: each kills processes under load. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    globalSetup: ['test/temporary-files.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
