// util-linux's own sender, in each of its formats, over both transports.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, invalid, observed, spec } from '../../normalise/normalising.ts'
import { until } from '../until.ts'
import { listening } from './listening.ts'

const run = promisify(execFile)

test.each([
  ['--tcp', '--rfc5424'],
  ['--tcp', '--rfc3164'],
  ['--tcp', '--octet-count', '--rfc5424'],
  ['--tcp', '--octet-count', '--rfc3164'],
  ['--udp', '--rfc5424'],
  ['--udp', '--rfc3164'],
])('logger %s %s %s', async (...args: string[]) => {
  const { tcp, udp, intake } = await listening()
  const port = String(args[0] === '--tcp' ? tcp : udp)
  const to = ['-n', '127.0.0.1', '-P', port, ...args.filter((arg) => arg.startsWith('--'))]
  const what = ['-p', 'auth.warning', '-t', 'billing']
  await run('logger', [...to, ...what, 'order 7 was paid é'])
  await run('logger', [...to, ...what, '{"user":"u_42","event":"order.refund","order":"o_7"}'])
  await until('both', () => intake.receivedTexts.length === 2)
  const normaliser = compileNormaliser(spec({ preset: 'syslog' }))
  const events = intake.recordChunks.flatMap((chunk) => eventsOf(normaliser.records({ ...chunk, observed })))
  const common = {
    producer: { service: 'billing', host: expect.any(String) },
    severity: 13,
    quality: { parse: 'ok' },
  }
  expect(events).toMatchObject([
    { ...common, message: 'order 7 was paid é', action: expect.stringMatching(/^syslog:billing/) },
    { ...common, actor: { id: 'u_42' }, action: 'order.refund' },
  ])
  expect(events.map(invalid)).toEqual([undefined, undefined])
})
