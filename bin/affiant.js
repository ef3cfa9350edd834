#!/usr/bin/env node
// One entry for both homes: a checkout runs its TypeScript sources, the published package its dist/.
import { accessSync, constants, existsSync } from 'node:fs'
// The default import: older versions lack names, and are to be told so by the message below.
import module from 'node:module'

const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `affiant: needs Node 24 or newer, this is ${process.version}. ` +
      'In a checkout, `npx affiant` and `npm run` use the Node that `npm ci` brought along.\n',
  )
  // As src/errors.ts has it, which an older Node cannot load.
  process.exit(72)
}
// The first process of a container is ended by no signal that it has no handler for: neither one that starts, nor a command that
// waits for its input. Who listens to the signal by then ends by itself.
if (process.pid === 1) {
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(status)
    })
  }
}
// V8 lets the young generation grow to 64 MiB under load, and frees the buffers that pass through only when it collects
// it; glibc keeps a heap for each thread. Both can be said only before a process starts, so the agent
// starts itself once more in its place: same process id, nothing loaded yet. Where that cannot be done, or
// AFFIANT_RESTART=off forbids it, it needs more memory, and nothing else changes.
const youngGeneration = '--max-semi-space-size'
const isSaid = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((said) =>
  said.replaceAll('_', '-').includes(youngGeneration),
)
const canReplace =
  process.platform === 'linux' &&
  process.execve &&
  !process.channel &&
  !process.permission &&
  isExecutable(process.execPath)
if (process.argv[2] === 'run' && !isSaid && canReplace && process.env.AFFIANT_RESTART !== 'off') {
  const [, ...args] = process.argv
  process.execve(process.execPath, [process.execPath, `${youngGeneration}=4`, ...process.execArgv, ...args], {
    MALLOC_ARENA_MAX: '1',
    ...process.env,
  })
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// Stripped types and compiled code are kept beside other temporary files: starting takes half the time from then on.
module.enableCompileCache?.()
const sources = new URL('../src/cli/main.ts', import.meta.url)
await import(existsSync(sources) ? sources.href : new URL('../dist/cli/main.js', import.meta.url).href)
