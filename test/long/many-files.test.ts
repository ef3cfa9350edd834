// 10,000 files in one directory, 500 of them growing: all are read, and the agent costs next to nothing once none grows.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'
import { full } from '../seed.ts'

const files = full ? 10_000 : 2_000
const growing = full ? 500 : 200
const linesAtStart = 2
const rounds = 20
const idleSeconds = 20

/** Mebibytes of resident memory, at most. */
const mostMemory = 300
/** Of one core while nothing grows. */
const mostIdle = 0.03

const line = (file: number, n: number) => `{"user":"u_${file}_${n}","event":"invoice.read","n":${n}}\n`

/** Seconds of processor time that a process has used. */
function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, in hundredths on every Linux that Node runs on.
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function recordsRead(agent: AgentProcess): Promise<number> {
  return (await agent.metric('affiant_receiver_records_total', '{receiver="app"}')) ?? 0
}

test.skipIf(process.platform !== 'linux')(`${files} files, ${growing} growing`, async () => {
  using directory = new WorkDirectory()
  mkdirSync(directory.at('many'))
  const path = (file: number) => directory.at('many', `app-${file}.log`)
  for (let file = 0; file < files; file += 1) {
    writeFileSync(path(file), Array.from({ length: linesAtStart }, (_, n) => line(file, n)).join(''))
  }
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  await using agent = startAgent(
    configure(directory, { receivers: { app: { type: 'file', include: [directory.at('many/*.log')] } } }),
  )
  await agent.ready()
  const started = seconds()
  await until(
    'every file to be read',
    async () => (await recordsRead(agent)) === files * linesAtStart,
    () => agent.stderr,
  )
  const caughtUp = seconds()

  let latest = 0
  for (let round = 0; round < rounds; round += 1) {
    const written = performance.now()
    for (let file = 0; file < files; file += files / growing)
      appendFileSync(path(file), line(file, linesAtStart + round))
    const expected = files * linesAtStart + growing * (round + 1)
    await until('what was added', async () => (await recordsRead(agent)) === expected)
    latest = Math.max(latest, performance.now() - written)
  }

  // Files stay under closer watch for two seconds after they grew.
  await after(4_000)
  const pid = agent.child.pid ?? 0
  const before = processorTime(pid)
  await after(idleSeconds * 1000)
  const idle = (processorTime(pid) - before) / idleSeconds
  const memory = agent.peakMemory
  console.info(
    `${files} files: started ${started.toFixed(1)} s, caught up ${caughtUp.toFixed(1)} s, ` +
      `${growing} lines in ${growing} files within ${latest.toFixed(0)} ms, ` +
      `idle ${(idle * 100).toFixed(2)} % of a core, peak memory ${memory.toFixed(0)} MiB`,
  )

  agent.signal('SIGTERM')
  expect(await agent.ended, agent.stderr).toEqual({ code: 0, signal: null })
  const actors = eventsIn(directory.at('out.ndjson')).map(({ actor }) => actor.id ?? '')
  expect(actors).toHaveLength(files * linesAtStart + growing * rounds)
  expect(new Set(actors).size, 'each line once').toBe(actors.length)
  expect(memory, 'peak resident memory').toBeLessThanOrEqual(mostMemory)
  expect(idle, 'share of a core while nothing grows').toBeLessThan(mostIdle)
})
