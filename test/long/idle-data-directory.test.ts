/**
 * What happens to the data directory is heard of within a second although nothing comes in, and nothing is lost by it:
 * it is taken away, covered by a read-only file system, or its disk is filled by others.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import {
  AffiantProcess,
  type AgentProcess,
  configure,
  startAgent,
  WorkDirectory,
} from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { SmallDisk } from '../e2e/small-disk.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine.
vi.setConfig({ testTimeout: 60_000 })

/** How long it takes until readiness answers `status`, in milliseconds, and what it says then. */
async function becomes(agent: AgentProcess, status: number) {
  const began = performance.now()
  let body = ''
  await until(`readiness ${status}`, async () => {
    const answer = await agent.readiness()
    body = answer.body
    return answer.status === status
  })
  return { milliseconds: performance.now() - began, report: JSON.parse(body) }
}

/** For as long as two tries take. */
async function stays(agent: AgentProcess, status: number): Promise<void> {
  const end = performance.now() + 2_000
  while (performance.now() < end) {
    expect(await agent.readiness()).toMatchObject({ status })
    await setTimeout(50)
  }
}

const line = (n: number) => `${JSON.stringify({ user: 'u_1', event: 'invoice.read', n })}\n`

const numbersIn = (path: string) =>
  eventsIn(path).flatMap(({ action, unmapped }) => (action === 'invoice.read' ? [unmapped?.n] : []))

test('a directory that is renamed, replaced and put back, and one that is removed', async () => {
  using directory = new WorkDirectory()
  const [data, away] = [directory.at('data'), directory.at('away')]
  const out = directory.at('out.ndjson')
  const config = configure(directory)
  {
    await using agent = startAgent(config)
    await agent.ready()
    appendFileSync(directory.at('app.log'), line(1))
    await until('the line', () => numbersIn(out).length === 1)
    const green = await becomes(agent, 200)
    expect(green.report.components).toMatchObject([
      { component: 'agent', ready: true, state: 'running', message: null },
      { component: 'journal', ready: true, state: 'ok', message: null },
      { component: 'receivers.app', ready: true, state: 'ok', message: null },
      { component: 'sinks.out', ready: true, state: 'ok', message: null },
    ])

    renameSync(data, away)
    const gone = await becomes(agent, 503)
    expect(gone.milliseconds).toBeLessThan(1_000)
    expect(gone.report).toMatchObject({
      reasons: [{ component: 'journal', message: expect.stringContaining('put it back, or restart') }],
      components: [
        { component: 'agent', ready: true },
        { component: 'journal', ready: false, state: 'failed' },
        { component: 'receivers.app', ready: false, state: 'paused' },
        { component: 'sinks.out', ready: true },
      ],
    })
    // Another one in its place is not this journal: what was written there would not be found with it.
    mkdirSync(`${data}/journal`, { recursive: true })
    appendFileSync(directory.at('app.log'), line(2))
    await stays(agent, 503)
    expect(numbersIn(out)).toEqual([1])

    rmSync(data, { recursive: true })
    renameSync(away, data)
    expect((await becomes(agent, 200)).milliseconds).toBeLessThan(3_000)
    await until('the second line', () => numbersIn(out).length === 2)
    // What a reader of the journal finds is what was delivered.
    cpSync(data, away, { recursive: true })

    rmSync(data, { recursive: true })
    expect((await becomes(agent, 503)).milliseconds).toBeLessThan(1_000)
    agent.signal('SIGTERM')
    expect(await agent.ended).toMatchObject({ signal: null })
  }
  expect(numbersIn(out)).toEqual([1, 2])
  renameSync(away, data)
  await using verify = new AffiantProcess(['journal', 'verify', '-c', config])
  expect(await verify.result()).toMatchObject({ code: 0 })
})

test('a disk that others fill up to its floor, and one that becomes read-only', async ({ skip }) => {
  using directory = new WorkDirectory()
  const data = directory.at('data')
  using disk = SmallDisk.mount(data, '16m')
  if (!disk) return skip('this user may not mount a small disk')
  const config = configure(directory, { journal: { segment_size: '1MiB', min_free: '2MiB' } })
  await using agent = startAgent(config)
  await agent.ready()
  await becomes(agent, 200)

  disk.fill()
  const full = await becomes(agent, 503)
  expect(full.milliseconds).toBeLessThan(1_000)
  expect(full.report.reasons).toMatchObject([
    { component: 'journal', message: expect.stringContaining('journal.min_free is 2.0 MiB') },
  ])
  disk.free()
  expect((await becomes(agent, 200)).milliseconds).toBeLessThan(3_000)

  using cover = new ReadOnlyCover(data)
  const readOnly = await becomes(agent, 503)
  expect(readOnly.milliseconds).toBeLessThan(1_000)
  expect(readOnly.report.reasons).toMatchObject([
    { component: 'journal', message: expect.stringContaining('EROFS') },
  ])
  cover[Symbol.dispose]()
  expect((await becomes(agent, 200)).milliseconds).toBeLessThan(3_000)
  appendFileSync(directory.at('app.log'), line(1))
  await until('the line', () => numbersIn(directory.at('out.ndjson')).length === 1)
})

/** The same directory, mounted read-only over itself: what is open does not hear of it. */
class ReadOnlyCover implements Disposable {
  readonly #path: string
  #mounted = true

  constructor(path: string) {
    this.#path = path
    const mount = (...args: string[]) => expect(spawnSync('/bin/mount', [...args]).status).toBe(0)
    mount('--bind', path, path)
    mount('-o', 'remount,ro,bind', path)
  }

  [Symbol.dispose](): void {
    if (this.#mounted) spawnSync('/bin/umount', [this.#path])
    this.#mounted = false
  }
}
