// `npm run bench:start`: from the start of a process to its readiness, and what an idle agent takes. See bench/README.md.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../test/free-port.ts'
import { writeAgentConfig } from './agent-config.ts'
import { poll } from './poll.ts'
import { measure, sample } from './process.ts'
import { startSink } from './sink-process.ts'
import { heading, print, row } from './table.ts'

/** What is asked of an agent with one file and one HTTP sink. */
const goals = { readyMilliseconds: 400, idleMiB: 90, idleShare: 0.01 }

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    idle: { type: 'string', default: '10' },
    entry: { type: 'string', default: 'bin/affiant.js' },
    data: { type: 'string', default: 'bench/.data' },
    check: { type: 'boolean', default: false },
    'check-rest': { type: 'string' },
  },
})
const [rounds, idleSeconds] = [Number(values.rounds), Number(values.idle)]
if (!(rounds >= 1) || !(idleSeconds > 0)) {
  process.stderr.write(
    'usage: npm run bench:start -- [--rounds 10] [--idle 10] [--entry bin/affiant.js] [--check] [--check-rest MIB]\n',
  )
  process.exit(64)
}

interface Start {
  readonly readyMilliseconds: number
  /** Of the processor, until it was ready, threads included. */
  readonly cpuMilliseconds: number
}

interface Idle {
  readonly residentMiB: number
  /** Of that, what is a file's: of Node's own code, mostly, which all its processes share. */
  readonly ofFilesMiB: number
  /** Of one core. */
  readonly share: number
  /** How often a second it was woken: the context switches that it asked for, of all its threads. */
  readonly wakeups: number
}

/** `idle`: also what it takes when nothing happens. */
async function start(scratch: string, url: string, idle: boolean): Promise<Start & { readonly idle?: Idle }> {
  const directory = mkdtempSync(join(scratch, 'start-'))
  const input = join(directory, 'app.log')
  writeFileSync(
    input,
    `${JSON.stringify({ user: 'u_1', event: 'invoice.read', ts: new Date().toISOString() })}\n`,
  )
  const telemetryPort = await freePort()
  const config = writeAgentConfig({ directory, input, url, compression: 'none', workers: 0, telemetryPort })
  const started = performance.now()
  const { child, usage } = measure([process.execPath, values.entry, 'run', '-c', config])
  const pid = child.pid!
  try {
    const ready = await poll('the agent to be ready', async () => {
      const answer = await fetch(`http://127.0.0.1:${telemetryPort}/readyz`).catch(() => undefined)
      if (!answer?.ok) return undefined
      return { readyMilliseconds: performance.now() - started, cpuMilliseconds: sample(pid)!.cpu * 1000 }
    })
    return idle ? { ...ready, idle: await rest(pid) } : ready
  } finally {
    if (child.exitCode === null) child.kill('SIGTERM')
    await usage
    rmSync(directory, { recursive: true, force: true })
  }
}

async function rest(pid: number): Promise<Idle> {
  // What is done after the start (the first file, a collection) is over by then.
  await wait(5_000)
  const [before, switches] = [sample(pid)!.cpu, switchesOf(pid)]
  await wait(idleSeconds * 1000)
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const mebibytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return {
    residentMiB: mebibytes('VmRSS'),
    ofFilesMiB: mebibytes('RssFile'),
    share: (sample(pid)!.cpu - before) / idleSeconds,
    wakeups: (switchesOf(pid) - switches) / idleSeconds,
  }
}

/** Voluntary ones, of all threads. */
function switchesOf(pid: number): number {
  let sum = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1')
    sum += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  }
  return sum
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

mkdirSync(values.data, { recursive: true })
const scratch = mkdtempSync(join(values.data, 'scratch-'))
try {
  await using sink = await startSink()
  // The first one writes what is compiled; the others find it.
  await start(scratch, sink.url, false)
  const starts: Start[] = []
  for (let round = 0; round < rounds; round++) starts.push(await start(scratch, sink.url, false))
  const { idle } = await start(scratch, sink.url, true)
  if (!idle) throw new Error('nothing was measured')
  const ready = median(starts.map(({ readyMilliseconds }) => readyMilliseconds))
  print(
    `node ${process.versions.node}; ${cpus()[0]?.model ?? 'unknown CPU'}; load ${loadavg()[0]?.toFixed(1)}\n`,
  )
  heading(['file to HTTP', 'measured', 'goal'])
  row([`start to ready, median of ${rounds}, ms`, ready.toFixed(0), `< ${goals.readyMilliseconds}`])
  row([
    'processor for it, median, ms',
    median(starts.map(({ cpuMilliseconds }) => cpuMilliseconds)).toFixed(0),
    '',
  ])
  row(['idle, resident, MiB', idle.residentMiB.toFixed(0), `< ${goals.idleMiB}`])
  row(['of that, of files (shared by all of Node), MiB', idle.ofFilesMiB.toFixed(0), ''])
  row([
    `idle for ${idleSeconds} s, of one core, %`,
    (idle.share * 100).toFixed(1),
    `< ${(goals.idleShare * 100).toFixed(0)}`,
  ])
  row(['wake-ups a second', idle.wakeups.toFixed(0), ''])
  const misses =
    ready >= goals.readyMilliseconds || idle.residentMiB >= goals.idleMiB || idle.share >= goals.idleShare
  const mostMiB = Number(values['check-rest'] ?? Number.POSITIVE_INFINITY)
  if ((values.check && misses) || idle.residentMiB >= mostMiB) process.exitCode = 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
