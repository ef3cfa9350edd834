// A data directory on a disk that is full: at the start a message, later a pause that ends by itself.
import { appendFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn } from './events.ts'
import { SmallDisk } from './small-disk.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const line = (n: number) =>
  `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n, text: 'x'.repeat(500) })}\n`

test('a full disk at the start, and a disk that fills up while the agent runs', async ({ skip }) => {
  using directory = new WorkDirectory()
  const data = directory.at('data')
  using disk = SmallDisk.mount(data, '16m')
  if (!disk) return skip('this user may not mount a small disk')
  const config = configure(directory)
  disk.fill()

  await using refused = startAgent(config)
  const { code, stderr } = await refused.result()
  expect(code).toBe(73)
  expect(stderr).toBe(
    `affiant: ${data}: the disk that holds it is full\n` +
      '  free some space there, or give agent.data_dir a disk with free space\n',
  )

  disk.free()
  await using agent = startAgent(config)
  await agent.ready()
  const out = directory.at('out.ndjson')
  appendFileSync(directory.at('app.log'), line(0))
  await until('the first line', () => eventsIn(out).length === 1)

  disk.fill()
  const total = 8_000
  let text = ''
  for (let n = 1; n < total; n++) text += line(n)
  appendFileSync(directory.at('app.log'), text)
  let said = ''
  await until('the pause', async () => {
    const { status, body } = await agent.readiness()
    said = body
    return status === 503
  })
  expect(JSON.parse(said)).toMatchObject({
    ready: false,
    reasons: [
      {
        component: 'journal',
        message: `the disk that holds ${data}/journal is full; trying again every second`,
      },
    ],
  })
  expect(await (await fetch(`http://${agent.telemetry}/healthz`)).json()).toMatchObject({ status: 'ok' })

  disk.free()
  await until('all lines', () => eventsIn(out).length >= total)
  expect(await agent.readiness()).toMatchObject({ status: 200 })
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(
    eventsIn(out)
      .map(({ unmapped }) => unmapped?.n)
      .toSorted((a, b) => Number(a) - Number(b)),
  ).toEqual(Array.from({ length: total }, (_, n) => n))
})
