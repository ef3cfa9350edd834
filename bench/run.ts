// `npm run bench`: what the main job costs, as ratios within one run. See bench/README.md.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseDuration } from '../src/config/values.ts'
import { benchData } from './data.ts'
import { latency } from './latency.ts'
import { peerPasses } from './peers.ts'
import { figure, heading, print, row } from './table.ts'
import { medianOf, type Pass, referenceRate, type Throughput, throughput } from './throughput.ts'

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '2000000' },
    rounds: { type: 'string', default: '1' },
    trickle: { type: 'string', default: '20s' },
    only: { type: 'string' },
    data: { type: 'string', default: 'bench/.data' },
  },
})
const lines = Number(values.lines)
const rounds = Number(values.rounds)
const trickle = parseDuration(values.trickle)
if (![lines, rounds].every((count) => Number.isInteger(count) && count > 0) || trickle === undefined) {
  process.stderr.write(
    'usage: npm run bench -- [--lines 2000000] [--rounds 1] [--trickle 20s] [--only NAME] [--data DIRECTORY]\n',
  )
  process.exit(64)
}

const passes: Pass[] = [
  { name: 'affiant, 1 core', cores: '0', sinkCores: '1', workers: 0, compression: 'none' },
  {
    name: 'affiant, 1 core, enrichers',
    cores: '0',
    sinkCores: '1',
    workers: 0,
    compression: 'none',
    enriches: 'tables',
  },
  {
    name: 'affiant, 1 core, as many bytes',
    cores: '0',
    sinkCores: '1',
    workers: 0,
    compression: 'none',
    enriches: 'constants',
  },
  { name: 'affiant, 1 core, gzip', cores: '0', sinkCores: '1', workers: 0, compression: 'gzip' },
  { name: 'affiant, 2 cores, 2 workers', cores: '0,1', sinkCores: '0,1', workers: 2, compression: 'none' },
  {
    name: 'affiant, 2 cores, 2 workers, enrichers',
    cores: '0,1',
    sinkCores: '0,1',
    workers: 2,
    compression: 'none',
    enriches: 'tables',
  },
  {
    name: 'affiant, 2 cores, 2 workers, gzip',
    cores: '0,1',
    sinkCores: '0,1',
    workers: 2,
    compression: 'gzip',
  },
]

mkdirSync(values.data, { recursive: true })
const scratch = mkdtempSync(join(values.data, 'scratch-'))
try {
  const data = await benchData(values.data, lines)
  print(
    `${figure(data.lines)} lines, ${figure(data.bytes / data.lines)} bytes each; node ${process.versions.node}; ${cpus()[0]?.model ?? 'unknown CPU'}\n`,
  )
  const before = referenceRate(data, '0')
  const selected = passes.filter(({ name }) => values.only === undefined || name.includes(values.only))
  const turns: Throughput[][] = selected.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, pass] of selected.entries()) turns[i]!.push(await throughput(data, scratch, pass))
  const results = turns.map(medianOf)
  results.push(...(await peerPasses(data, scratch, values.only)))
  const after = referenceRate(data, '0')
  const reference = (before + after) / 2

  heading(['run', 'events/s', 'of the reference', 'MiB/s', 'CPU s', 'peak RSS MiB'])
  row([
    'reference: read and JSON.parse, 1 core',
    figure(reference),
    '1.00',
    figure((reference * data.bytes) / data.lines / 2 ** 20),
    '',
    '',
  ])
  for (const result of results) {
    row([
      result.name,
      figure(result.eventsPerSecond),
      (result.eventsPerSecond / reference).toFixed(2),
      figure(result.mebibytesPerSecond),
      result.cpuSeconds.toFixed(2),
      figure(result.peakRssMiB),
    ])
  }
  if (values.only === undefined || values.only === 'latency') {
    const { readyMilliseconds, lines: sent, p50, p99, max } = await latency(scratch, trickle)
    print('')
    heading(['trickle, 1,000 lines/s', 'figure'])
    row(['lines', figure(sent)])
    row(['append → arrival, p50 / p99 / max', `${p50} / ${p99} / ${max} ms`])
    row(['start-up to ready', `${figure(readyMilliseconds)} ms`])
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
