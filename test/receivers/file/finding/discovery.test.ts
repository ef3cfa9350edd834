import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../src/clock.ts'
import { Discovery } from '../../../../src/receivers/file/finding/discovery.ts'
import { Patterns } from '../../../../src/receivers/file/finding/pattern.ts'
import { silentLog } from '../../../../src/telemetry/log.ts'

test.each(['a.log', '*.log'])(
  'what is known is not found again, and is no pattern without files: %s',
  async (pattern) => {
    const directory = await mkdtemp(join(tmpdir(), 'affiant-discovery-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const file = join(directory, 'a.log')
    const discovery = new Discovery({
      patterns: new Patterns([pattern], [], directory),
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
      has: () => false,
      found: () => {},
      changed: () => {},
      follows: () => false,
      touched: () => {},
    })
    expect(await discovery.scan()).toEqual({ paths: [], unmatched: [pattern] })
    writeFileSync(file, '')
    expect(await discovery.scan()).toEqual({ paths: [file], unmatched: [] })
    expect(await discovery.scan((path) => path === file)).toEqual({ paths: [], unmatched: [] })
  },
)
