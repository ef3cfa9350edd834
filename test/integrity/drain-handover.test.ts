// An agent that stops while destinations fail: every event is at its sink or at the fallback, once; and at its sink after all.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { type Agent, startAgent } from '../../src/agent/agent.ts'
import { loadAgentConfig } from '../../src/agent/load.ts'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { scratchDirectory } from '../scratch-directory.ts'
import { randomFrom, seed } from '../seed.ts'

vi.setConfig({ testTimeout: 60_000 })

const directory = scratchDirectory('handover')
const last = join(directory, 'last.ndjson')
const each = 400
/** a goes to one sink, b to another, c to both, d to one and to the fallback. */
const kinds = ['a', 'b', 'c', 'd'] as const
const lines = Array.from({ length: each }, (_, n) =>
  kinds.map((kind) => `${JSON.stringify({ user: `${kind}_${n}`, event: 'invoice.read' })}\n`).join(''),
).join('')

async function start(hook: HttpDestination, siem: HttpDestination): Promise<Agent> {
  const config = join(directory, 'affiant.yaml')
  // What failed once is not tried again as long as the test takes: there are holes.
  const retry = { initial: '1h', max: '1h' }
  const batch = { max_events: 7 }
  const to = (kind: string, sinks: string[]) => ({ when: `actor.id.startsWith("${kind}_")`, to: sinks })
  writeFileSync(
    config,
    JSON.stringify({
      agent: {
        id: 'handover',
        data_dir: join(directory, 'data'),
        drain: '300ms',
        fallback: { sink: 'last', timeout: '20s' },
      },
      receivers: { app: { type: 'file', include: [join(directory, 'app.log')] } },
      sinks: {
        hook: { type: 'http', url: hook.url, retry, batch, concurrency: { min: 100, max: 200 } },
        siem: { type: 'http', url: siem.url, retry, batch },
        last: { type: 'file', path: last },
      },
      routes: [
        to('a', ['hook']),
        to('b', ['siem']),
        to('c', ['hook', 'siem']),
        to('d', ['hook', 'last']),
        { to: ['siem'] },
      ],
      telemetry: { listen: '127.0.0.1:0' },
    }),
  )
  return await startAgent({ loaded: await loadAgentConfig([config]), log: silentLog })
}

const usersIn = (events: Iterable<OutputEvent>) =>
  [...events].flatMap(({ actor }) => (actor?.id !== undefined && /^[a-d]_/.test(actor.id) ? [actor.id] : []))
const ofKinds = (wanted: string) =>
  kinds
    .filter((kind) => wanted.includes(kind))
    .flatMap((kind) => Array.from({ length: each }, (_, n) => `${kind}_${n}`))

test('exactly what is unsettled goes to the fallback, once, and nothing is stepped over', async () => {
  await using hook = await HttpDestination.open()
  await using siem = await HttpDestination.open()
  const random = randomFrom(seed)
  hook.inspect = () => {
    hook.answer = random() < 0.3 ? 503 : 204
  }
  siem.answer = 503
  writeFileSync(join(directory, 'app.log'), lines)
  const agent = await start(hook, siem)
  await agent.filesRead
  await until('some of it is delivered', () => hook.events.length > each)
  await agent.stop({ reason: 'signal', detail: 'SIGTERM' })

  const atHook = new Set(usersIn(hook.events))
  const kept = readFileSync(last, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): OutputEvent => JSON.parse(line))
  const atLast = usersIn(kept)
  expect(atHook.size, `seed ${seed}`).toBeLessThan(3 * each)
  expect(new Set(atLast).size).toBe(atLast.length)
  const expected = [...ofKinds('a').filter((user) => !atHook.has(user)), ...ofKinds('bcd')]
  expect(atLast.toSorted(), `seed ${seed}`).toEqual(expected.toSorted())
  // The agent's own events too, to its last word: all of them go to the sink that takes nothing.
  const own = kept.filter(({ action }) => action.startsWith('affiant.'))
  expect(own[0]?.action).toBe('affiant.agent.started')
  expect(own.at(-1)?.action).toBe('affiant.agent.stopped')
  const counts = Object.fromEntries(
    own.flatMap(({ action, targets, metadata }) =>
      action === 'affiant.sink.handed_over' ? [[targets?.[0]?.id, metadata?.count]] : [],
    ),
  )
  expect(counts.hook).toBe(3 * each - atHook.size)
  expect(counts.siem).toBeGreaterThanOrEqual(2 * each)

  hook.inspect = () => {}
  hook.answer = 204
  siem.answer = 204
  const next = await start(hook, siem)
  await next.caughtUp(AbortSignal.timeout(30_000))
  await next.stop({ reason: 'closed' })
  expect(usersIn(hook.events).toSorted()).toEqual(ofKinds('acd').toSorted())
  expect(usersIn(siem.events).toSorted()).toEqual(ofKinds('bc').toSorted())
  // What had been accepted before was not sent again.
  expect([...hook.timesById.values()].filter((times) => times > 1)).toEqual([])
})
