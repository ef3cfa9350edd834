import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/temporary-files.ts'],
    exclude: ['test/long/**', 'test/crash/**', 'test/peers/**'],
    setupFiles: ['test/ending-processes.ts', 'test/written-over.ts'],
    // Real files, sockets and processes: generous enough for a loaded 2-core machine, short enough to end.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // A loaded machine is no reason to fail: what is waited for comes, or the test itself is over.
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    maxWorkers: 2,
    // No module of ours keeps a state that a test could leave behind, and loading them anew for each file takes its time.
    isolate: false,
    // Half of a start from sources is taking the types out of them: the hundreds of agents that tests start share that.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node-compile') },
  },
})
