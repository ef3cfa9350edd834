// Every command that a page shows has been typed by a test: here, in a copy of the checkout with an agent running
// beside it, or where the list below says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { Checkout } from '../e2e/checkout.ts'
import { eventsIn } from '../e2e/events.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { full } from '../seed.ts'
import { blocksOf } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const firstTenMinutes = 'test/long/first-ten-minutes.test.ts'

/** Commands that another test types, or that cannot be typed by one: why not. */
const elsewhere: readonly {
  readonly page: string
  readonly line: RegExp
  readonly by?: string
  readonly why?: string
}[] = [
  { page: 'README.md', line: /^npm ci && npm start$/, by: firstTenMinutes },
  { page: 'README.md', line: /^echo '.*' >> demo\/app-audit\.log$/, by: firstTenMinutes },
  { page: 'README.md', line: /^npx affiant show \d+$/, by: firstTenMinutes },
  { page: 'README.md', line: /^kill -9 \$\(npx affiant pid\) && npm start$/, by: firstTenMinutes },
  { page: 'README.md', line: /^npm run demo:otlp$/, by: firstTenMinutes },
  { page: 'README.md', line: /^npm run demo:crash$/, by: firstTenMinutes },
  { page: 'README.md', line: /^curl -sS http:\/\/127\.0\.0\.1:4318/, by: firstTenMinutes },
  { page: 'README.md', line: /^npm ci && npm test$/, why: 'it is this very run' },
]

/** Pages that have a test of their own, which types all of them. */
const guides = /^docs\/(?:deployment-|quick-start|runbooks\/)/

const blocks = blocksOf('sh').filter(({ page }) => !guides.test(page))
const isElsewhere = (page: string, line: string) =>
  elsewhere.some((entry) => entry.page === page && entry.line.test(line))
const covered = (page: string, text: string) =>
  text.split('\n').every((line) => isElsewhere(page, line.replace(/ {2,}#.*$/, '').trim()))

describe('commands that are not typed here', () => {
  test.each(elsewhere)('$page: $line', ({ page, line, by }) => {
    const shown = blocks.filter((block) => block.page === page).flatMap(({ text }) => text.split('\n'))
    const command = shown.find((each) => line.test(each)) ?? ''
    expect(command, 'an entry of the list that no page needs').not.toBe('')
    if (by === undefined) return
    // That test takes its commands from the page, by how they begin.
    const calls = readFileSync(join(root, by), 'utf8').matchAll(/\bcommand\('([^']+)'\)/g)
    const typed = [...calls].map(([, start = '']) => start)
    expect(
      typed.some((start) => command.startsWith(start)),
      `${by} no longer types ${command}`,
    ).toBe(true)
  })
})

// npx takes a second to find what is in front of it, each time. That it does is seen by the first ten minutes; here it
// is itself at full length only.
const npx = full ? '' : `npx() { shift; '${process.execPath}' bin/affiant.js "$@"; }`

const here = blocks.filter(({ page, text }) => !covered(page, text))

test('commands that are typed here', { timeout: 120_000 }, async () => {
  expect(here.map(({ page }) => page)).toContain('docs/receivers-otlp.md')
  using checkout = new Checkout()
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  // More events than any page speaks of by their seqs.
  const before = 120
  const line = (n: number) => `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read' })}\n`
  directory.write('before.log', Array.from({ length: before }, (_, n) => line(n)).join(''))
  const config = configure(directory, {
    sinks: {
      out: { type: 'file', path: directory.at('out.ndjson') },
      hook: { type: 'http', url: hook.url },
    },
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')] },
      orders: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
      audit: { type: 'otlp_audit', http: { listen: '127.0.0.1:0' } },
      shop: { type: 'http', listen: '127.0.0.1:0' },
      apps: { type: 'splunk_hec', listen: '127.0.0.1:0' },
    },
  })
  await using agent = startAgent(config)
  await agent.ready()
  await until('what was there', () => hook.events.length === before)
  for (const { name, text } of here) {
    // The pages name the usual ports; beside other tests the system chooses.
    const command = text
      .replaceAll('127.0.0.1:4318', agent.otlp)
      .replaceAll('127.0.0.1:4328', agent.audit)
      .replaceAll('127.0.0.1:8480', agent.http)
      .replaceAll('127.0.0.1:8088', agent.hec)
      .replaceAll('127.0.0.1:9598', agent.telemetry)
    const { output, exitCode } = await checkout.type(
      `set -euo pipefail\nexport AFFIANT_CONFIG='${config}'\n${npx}\n${command}`,
    )
    expect(exitCode, `${name}\n${output}`).toBe(0)
    if (text.includes('/v1/logs')) expect(output, name).toContain('{}')
    if (text.includes('/v1/audit')) expect(output, name).toContain('"integrityHash"')
  }
  const sent = here.filter(({ text }) => /\/v1\/(?:logs|audit)|127\.0\.0\.1:8(?:480|088)/.test(text)).length
  const out = directory.at('out.ndjson')
  await until('what was sent', () => eventsIn(out).length >= before + sent)
  // What a page shows as an example is read without complaint.
  for (const event of eventsIn(out)) {
    expect(event).toMatchObject({ quality: { parse: 'ok' }, actor: { id: expect.any(String) } })
    expect(event.action).not.toBe('unknown')
  }
})
