import { expect, test } from 'vitest'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec } from '../normalising.ts'

const normaliser = compileNormaliser(spec({ preset: 'syslog' }, { zone: 'Europe/Berlin' }))

/** The offset counts where one is said; a name other than UTC's stands for many, and the configured zone is taken. */
const zones = [
  ['', '09:15:01'],
  [' CET', '09:15:01'],
  [' UTC', '10:15:01'],
  [' +0300', '07:15:01'],
  [' -03:30', '13:45:01'],
] as const
const clocks = ['10:15:01', '10:15:01.250', '10:15:01,250'] as const

const forms = [
  (clock: string, zone: string) => `Nov 23 ${clock}${zone}`,
  (clock: string, zone: string) => `Nov 23 2026 ${clock}${zone}`,
  (clock: string, zone: string) => `2026-11-23 ${clock}${zone}`,
  (clock: string, zone: string) => `2026/11/23 ${clock}${zone}`,
  (clock: string, zone: string) => `Nov 23 ${clock}${zone} 2026`,
  (clock: string, zone: string) => `Mon Nov 23 ${clock}${zone} 2026`,
  (clock: string, zone: string) => `Mon Nov 23 ${clock}${zone}`,
]

test.each(forms)('a time that is read of a header is one for the event, too: %s', (form) => {
  for (const clock of clocks) {
    for (const [zone, expected] of zones) {
      const said = form(clock, zone)
      // With a comma, years at the end and weekdays are not in use.
      if (clock.includes(',') && /^Mon|2026$/.test(said)) continue
      const [event] = eventsOf(lines(normaliser, `<86>${said} host-1 sshd[4711]: session opened\n`))
      const fraction = clock === '10:15:01' ? '000000000' : '250000000'
      expect(event, said).toMatchObject({
        time: `2026-11-23T${expected}.${fraction}Z`,
        original_time: said,
        action: 'syslog:sshd',
        producer: { host: 'host-1', service: 'sshd' },
        message: 'session opened',
      })
    }
  }
})

test.each(['11/30/2026 10:15:01 host-1 sshd[4711]: m', 'Mon, 30 Nov 2026 10:15:01 host-1 sshd[4711]: m'])(
  'what nobody knows is a message, whole: %s',
  (message) => {
    const [event] = eventsOf(lines(normaliser, `<86>${message}\n`))
    expect(event).toMatchObject({ message, time_source: 'observed', metadata: { facility: 'authpriv' } })
  },
)
