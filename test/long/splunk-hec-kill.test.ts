/** Guarantee: what a client of the splunk_hec receiver was told "Success" of is in the journal, however the agent ends. */
import { expect, test, vi } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { exportedLines } from '../peers/exported.ts'

vi.setConfig({ testTimeout: 120_000 })

const clients = 8
const perRequest = 50
const channel = (n: number) => `18d2b0a1-5a1f-4c6e-9d3b-${String(n).padStart(12, '0')}`

interface Answer {
  readonly code: number
  readonly ackId: number
}

/** One client that posts until nobody answers; resolves with what it was told is taken. */
async function posting(address: string, client: number, taken: string[]): Promise<void> {
  for (let request = 0; ; request++) {
    const names = Array.from({ length: perRequest }, (_, n) => `c${client}-${request}-${n}`)
    const events = names.map((name) => JSON.stringify({ event: { user: name, event: 'order.read' } }))
    try {
      const response = await fetch(`http://${address}/services/collector/event`, {
        method: 'POST',
        headers: { 'x-splunk-request-channel': channel(client) },
        body: events.join(''),
      })
      const { code, ackId } = (await response.json()) as Answer
      if (code !== 0) continue
      expect(ackId).toBeTypeOf('number')
      taken.push(...names)
    } catch {
      return
    }
  }
}

test('killed three times during a load', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: { apps: { type: 'splunk_hec', listen: '127.0.0.1:0', acknowledge: true } },
  })
  const taken: string[] = []
  for (let run = 0; run < 3; run++) {
    await using agent = startAgent(config)
    await agent.ready()
    const before = taken.length
    const loads = Array.from({ length: clients }, (_, n) => posting(agent.hec, run * clients + n, taken))
    await until('some are taken', () => taken.length - before > 20 * perRequest)
    agent.signal('SIGKILL')
    await Promise.all(loads)
  }
  const users = (await exportedLines(config)).flatMap((line) => {
    const { actor } = JSON.parse(line) as { readonly actor: { readonly id?: string } }
    return actor.id?.startsWith('c') ? [actor.id] : []
  })
  const known = new Set(users)
  expect(taken.filter((name) => !known.has(name))).toEqual([])
  // A request whose answer was lost may be there as well, and none is there twice.
  expect(users).toHaveLength(known.size)
  expect(taken.length).toBeGreaterThan(60 * perRequest)
})
