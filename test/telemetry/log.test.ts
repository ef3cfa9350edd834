import { expect, test } from 'vitest'
import { createLog } from '../../src/telemetry/log.ts'

test.each(['json', 'pretty'] as const)(
  'a second stream gets every line as JSON, whatever the format: %s',
  async (format) => {
    const lines: string[] = []
    const log = await createLog({ level: 'debug', format }, { write: (line) => lines.push(line) })
    log.trace('below the level')
    log.debug({ receiver: 'app' }, 'one')
    log.child({ component: 'journal' }).error('two')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 20, time: expect.stringMatching(/^\d{4}-.*Z$/), receiver: 'app', msg: 'one' },
      { level: 50, time: expect.stringMatching(/^\d{4}-.*Z$/), component: 'journal', msg: 'two' },
    ])
  },
)
