/**
 * The data directory's disk is filled to its end, and whatever gets free is taken at once, for a minute (5 s without
 * AFFIANT_FULL=1), while a file grows and OTLP clients send. No exit; 503 with Retry-After; the file waits; readiness is
 * red and health is not. Once the disk is freed everything arrives, from the file exactly once.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { SmallDisk } from '../e2e/small-disk.ts'
import { until } from '../e2e/until.ts'
import { full } from '../seed.ts'

const seconds = full ? 60 : 5

const line = (n: number) =>
  `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n, text: 'x'.repeat(500) })}\n`

const request = (n: number) =>
  JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: `${Date.UTC(2026, 10, 23) + n}000000`,
                body: { stringValue: 'y'.repeat(500) },
                attributes: [
                  { key: 'audit.action', value: { stringValue: 'order.refund' } },
                  { key: 'audit.actor.id', value: { stringValue: `u_${n}` } },
                  { key: 'n', value: { intValue: n } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })

interface Answers {
  readonly sent: number
  readonly refused: number
}

/** Sends one record after the other, each until it is taken, as a client that keeps to the protocol. */
async function sendUntil(agent: AgentProcess, stop: AbortSignal): Promise<Answers> {
  let sent = 0
  let refused = 0
  for (let n = 0; !stop.aborted || refused === 0; n++) {
    for (;;) {
      const { status, headers, text } = await agent.postOtlp(request(n))
      if (status === 200) break
      expect(status, text).toBe(503)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      refused++
      await after(100)
    }
    sent++
  }
  return { sent, refused }
}

/** Appends lines until told to stop; how many. */
async function grow(path: string, stop: AbortSignal): Promise<number> {
  let written = 0
  while (!stop.aborted) {
    let text = ''
    for (let end = written + 100; written < end; written++) text += line(written)
    appendFileSync(path, text)
    await after(50)
  }
  return written
}

test(`failures 14: a disk that is full for ${seconds} s under load`, async ({ skip }) => {
  using directory = new WorkDirectory()
  using disk = SmallDisk.mount(directory.at('data'), '24m')
  if (!disk) return skip('this user may not mount a small disk')
  const out = directory.at('out.ndjson')
  await using agent = startAgent(
    configure(directory, {
      receivers: {
        app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
        otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
      },
    }),
  )
  await agent.ready()
  const stop = new AbortController()
  const growing = grow(directory.at('app.log'), stop.signal)
  const sending = sendUntil(agent, stop.signal)
  await until('some events', () => eventsIn(out).length > 200)

  const filled = performance.now()
  let red = 0
  let looks = 0
  while (performance.now() - filled < seconds * 1000) {
    disk.fill()
    const { status, body } = await agent.readiness()
    looks++
    if (status === 503) {
      red++
      expect(body).toContain('is full')
    }
    expect(await (await fetch(`http://${agent.telemetry}/healthz`)).json()).toMatchObject({ status: 'ok' })
    expect(agent.running).toBe(true)
    await after(100)
  }
  const whileFull = eventsIn(out).length
  expect(red).toBeGreaterThan(looks / 2)

  disk.free()
  await until('readiness', async () => (await agent.readiness()).status === 200)
  stop.abort()
  const written = await growing
  const { sent, refused } = await sending
  const ofFile = () => eventsIn(out).filter(({ action }) => action === 'invoice.read')
  const ofClients = () => eventsIn(out).filter(({ action }) => action === 'order.refund')
  await until(
    'everything',
    () => ofFile().length >= written && ofClients().length >= sent,
    () => [written, ofFile().length, sent, ofClients().length],
  )
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(ofFile().map(({ unmapped }) => unmapped?.n)).toEqual(Array.from({ length: written }, (_, n) => n))
  // Each was acknowledged once, and none is sent again after that.
  expect(ofClients()).toHaveLength(sent)
  expect(new Set(eventsIn(out).map(({ id }) => id)).size).toBe(written + sent)
  console.log(
    `${seconds} s full: ${red} of ${looks} looks not ready, ${refused} requests refused with 503, ` +
      `${whileFull} events delivered until then; after: ${written} lines and ${sent} records, each once`,
  )
})
