// A rollout of the DaemonSet, with its own configuration: the next agent on a node starts while the one before it still runs, waits
// for the journal, and takes over. Containers write and their logs are rotated meanwhile; every line is delivered once.
import { appendFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type AgentProcess, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { full, randomFrom, seed } from '../seed.ts'

const base = join(import.meta.dirname, '../../deploy/kubernetes/daemonset/base')
const rollouts = full ? 40 : 6

/** A container's log as containerd writes and kubelet rotates it. */
class ContainerLog {
  readonly #path: string
  readonly #pod: string
  written = 0
  #rotations = 0

  constructor(pods: string, namespace: string, pod: string) {
    this.#pod = pod
    this.#path = join(pods, `${namespace}_${pod}_7f0c4b5e-8d0f-4a9e-9d4b-0c1f2a3b4c5d`, 'app', '0.log')
    mkdirSync(dirname(this.#path), { recursive: true })
  }

  write(lines: number): void {
    let text = ''
    for (let i = 0; i < lines; i += 1) {
      const record = { user: `u_${this.#pod}_${this.written++}`, event: 'invoice.read', result: 'success' }
      text += `2026-11-23T07:58:33.123456789Z stdout F ${JSON.stringify(record)}\n`
    }
    appendFileSync(this.#path, text)
  }

  rotate(): void {
    this.#rotations += 1
    renameSync(this.#path, `${this.#path}.20261123-${String(this.#rotations).padStart(6, '0')}`)
    this.write(1)
  }
}

test(`${rollouts} rollouts`, { timeout: 1_200_000 }, async () => {
  using directory = new WorkDirectory()
  await using collector = await HttpDestination.open()
  const pods = directory.at('pods')
  const random = randomFrom(seed)
  const logs = ['billing-6b7c', 'orders-0'].map((pod) => new ContainerLog(pods, 'shop', pod))
  const own = new ContainerLog(pods, 'affiant', 'affiant-x7k2p')
  for (const log of [...logs, own]) log.write(10)
  const text = readFileSync(join(base, 'affiant.yaml'), 'utf8')
    .replaceAll('/var/log/pods', pods)
    .replace('/var/log/audit/', directory.at('audit/'))
    .replace('/var/lib/affiant', directory.at('data'))
    .replace('/run/secrets/affiant/token', directory.write('token', 'secret'))
    .replace('[::]:9598', '127.0.0.1:0')
    .replace(/min_free: \S+/, 'min_free: 1MiB')
  const config = directory.write('affiant.yaml', text)
  const env = { NODE_NAME: 'node-7', CLUSTER_NAME: 'eu-1', SINK_URL: collector.url }
  const start = () => startAgent(config, ['--wait-lock'], { env })

  const write = () => {
    for (const log of [...logs, own]) log.write(Math.floor(random() * 20))
    if (random() < 0.02) for (const log of logs) log.rotate()
  }
  let writing: NodeJS.Timeout | undefined
  const agents: AgentProcess[] = []
  try {
    let running = start()
    agents.push(running)
    await running.ready()
    // From here on: what was rotated before the first agent ever ran is none of its business.
    writing = setInterval(write, 20)
    for (let i = 0; i < rollouts; i += 1) {
      const next = start()
      agents.push(next)
      // It says that it waits, and takes no request before it has the journal.
      await until(
        'the next one waits',
        () => next.stderr.includes('waiting until it leaves'),
        () => next.stderr,
      )
      expect(next.stdout).not.toContain('health and metrics')
      const read = collector.delivered.length
      await until('some more is delivered', () => collector.delivered.length > read)
      // As kubelet stops a pod; every third one does not get to its end.
      const killed = i % 3 === 2
      running.signal(killed ? 'SIGKILL' : 'SIGTERM')
      expect(await running.ended).toMatchObject(killed ? { signal: 'SIGKILL' } : { code: 0 })
      await next.ready()
      running = next
    }
    clearInterval(writing)
    const all = logs.reduce((sum, { written }) => sum + written, 0)
    await until(
      'everything is delivered',
      () => collector.events.length >= all,
      () => [collector.events.length, all, running.stderr.slice(-2_000)],
      120,
    )
    running.signal('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 0 })
    expect(collector.faults).toEqual([])
    const actors = new Set(collector.events.map(({ actor }) => actor?.id))
    expect(collector.events).toHaveLength(all)
    // Each line became one event: none is missing, none is there under two ids.
    expect(actors.size).toBe(all)
    expect(collector.events.at(-1)).toMatchObject({
      metadata: { kubernetes: { namespace: 'shop', container: 'app', node: 'node-7' } },
      scope: [
        { type: 'cluster', id: 'eu-1' },
        { type: 'namespace', id: 'shop' },
      ],
    })
    // Its own namespace is left alone: what it logs would become what it logs.
    expect([...actors].filter((id) => id?.includes('affiant-x7k2p'))).toEqual([])
    process.stdout.write(`${rollouts} rollouts, ${all} lines of two containers: none lost, none twice\n`)
  } finally {
    clearInterval(writing)
    for (const agent of agents) await agent[Symbol.asyncDispose]()
  }
})
