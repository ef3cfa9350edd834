// The commands with `logger` that docs/receivers-syslog.md shows reach the receiver that it shows.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { listening } from '../receivers/syslog/listening.ts'
import { until } from '../receivers/until.ts'
import { blocksOf } from './blocks.ts'

const run = promisify(execFile)

test('logger', async () => {
  const block = blocksOf('sh logger').find(({ page }) => page === 'docs/receivers-syslog.md')
  const { tcp, udp, texts } = await listening()
  const commands = (block?.text ?? '').split('\n').map((line) => {
    const port = line.includes('--udp') ? udp : tcp
    expect(line).toContain('-P 5514 ')
    return line.replace('-P 5514 ', `-P ${port} `)
  })
  for (const [sent, command] of commands.entries()) {
    await run('sh', ['-c', command])
    await until('it came', () => texts().length === sent + 1)
  }
  expect(texts().map((text) => text.slice(text.indexOf('order')))).toEqual([
    'order 7 was paid',
    'order 8 was paid\nby card',
    'order 9 was paid',
  ])
})
