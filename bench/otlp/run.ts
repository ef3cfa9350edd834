// `npm run bench:otlp`: what the `otlp` receiver takes in, beside a receiver that only decodes. See bench/README.md.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseDuration } from '../../src/config/values.ts'
import { figure, heading, print, row } from '../table.ts'
import { startAgent } from './agent.ts'
import { latency } from './latency.ts'
import { type Load, type Protocol, startLoad } from './load-process.ts'
import { startReference } from './reference-process.ts'
import { type Throughput, throughput, type Workload } from './throughput.ts'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '3' },
    trickle: { type: 'string', default: '10s' },
    only: { type: 'string' },
    data: { type: 'string', default: 'bench/.data' },
    check: { type: 'boolean', default: false },
  },
})
const batch = 500
const connections = 8
const warmUp = 200
const requests = Number(values.records) / batch
const rounds = Number(values.rounds)
const trickle = parseDuration(values.trickle)
if (![requests, rounds].every((count) => Number.isInteger(count) && count > 0) || trickle === undefined) {
  process.stderr.write(
    `usage: npm run bench:otlp -- [--records 300000 (by ${batch})] [--rounds 3] [--trickle 10s] [--only http|grpc|latency] [--data DIRECTORY] [--check]\n`,
  )
  process.exit(64)
}

/** At least so much of the reference over HTTP; and at so many records a second, at most so many milliseconds to an answer. */
const goals = { ratio: 0.5, recordsPerSecond: 5_000, milliseconds: 50 }

/** The core that is measured, and that of everything else. */
const [measured, others] = ['0', '1']

interface Pair {
  readonly reference: Throughput
  readonly agent: Throughput
}

const isAsked = (part: string) => values.only === undefined || values.only === part
const missed: string[] = []
mkdirSync(values.data, { recursive: true })
const scratch = mkdtempSync(join(values.data, 'scratch-'))
try {
  await using load = startLoad(others)
  const protocols = (['http', 'grpc'] satisfies Protocol[]).filter(isAsked)
  if (protocols.length > 0) await rates(load, protocols)
  if (isAsked('latency')) await answers(load)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
if (values.check && missed.length > 0) {
  for (const text of missed) process.stderr.write(`missed: ${text}\n`)
  process.exitCode = 1
}

async function rates(load: Load, protocols: readonly Protocol[]): Promise<void> {
  const bytes = (await load.encode(warmUp + requests, batch)) / (warmUp + requests) / batch
  print(
    `${figure(requests * batch)} records of ${figure(bytes)} bytes, ${batch} a request, ${connections} connections; node ${process.versions.node}; ${cpus()[0]?.model ?? 'unknown CPU'}\n`,
  )
  heading(['run', 'records/s', 'of the reference', 'a CPU second', 'by CPU', 'peak RSS MiB', 'sender busy'])
  for (const protocol of protocols) {
    const workload = { protocol, connections, batch, warmUp, requests }
    const pairs: Pair[] = []
    for (let round = 0; round < rounds; round++) pairs.push(await pair(load, workload))
    const median = pairs.toSorted((a, b) => ratioOf(a) - ratioOf(b))[pairs.length >> 1]!
    line(`only decoding, ${protocol}`, median.reference, median.reference)
    line(`affiant, ${protocol}`, median.agent, median.reference)
    print(`\nthe smaller ratio, round by round: ${pairs.map((one) => ratioOf(one).toFixed(2)).join(' ')}\n`)
    if (protocol === 'http' && ratioOf(median) < goals.ratio)
      missed.push(`${ratioOf(median).toFixed(2)} of the reference, ${goals.ratio} asked`)
  }
}

/** One after the other on the same core: what else the machine does is in both, more or less. */
async function pair(load: Load, workload: Workload): Promise<Pair> {
  const reference = await measureReference(load, workload)
  await using agent = await startAgent(scratch, { cores: measured, sinkCores: others })
  return { reference, agent: await throughput(load, agent, workload) }
}

async function measureReference(load: Load, workload: Workload): Promise<Throughput> {
  await using reference = await startReference(measured)
  // The reference ends behind it, not before.
  return await throughput(load, reference, workload)
}

async function answers(load: Load): Promise<void> {
  heading([
    `answers at ${figure(goals.recordsPerSecond)} records/s`,
    'requests',
    'p50 ms',
    'p99 ms',
    'max ms',
  ])
  for (const size of [batch, batch / 10]) {
    const every = (1000 * size) / goals.recordsPerSecond
    const count = Math.ceil(trickle! / every)
    await load.encode(warmUp + count, size)
    await using agent = await startAgent(scratch, { cores: measured, sinkCores: others })
    const { p50, p99, max } = await latency(load, agent, { connections, batch: size, warmUp, count, every })
    row([`${size} a request`, figure(count), p50.toFixed(1), p99.toFixed(1), max.toFixed(1)])
    if (p99 > goals.milliseconds)
      missed.push(`p99 of ${p99.toFixed(1)} ms with ${size} a request, ${goals.milliseconds} ms asked`)
  }
}

/**
 * The smaller one of rates and of rates by CPU: where others use the core too, a process of several threads gets more of it
 * than one of a single thread, and its rate alone would say too much.
 */
function ratioOf({ reference, agent }: Pair): number {
  return Math.min(
    agent.recordsPerSecond / reference.recordsPerSecond,
    agent.recordsPerCpuSecond / reference.recordsPerCpuSecond,
  )
}

function line(name: string, run: Throughput, reference: Throughput): void {
  row([
    name,
    figure(run.recordsPerSecond),
    (run.recordsPerSecond / reference.recordsPerSecond).toFixed(2),
    figure(run.recordsPerCpuSecond),
    (run.recordsPerCpuSecond / reference.recordsPerCpuSecond).toFixed(2),
    figure(run.peakRssMiB),
    run.sending.toFixed(2),
  ])
}
