// `npm run bench:sinks`: what delivery costs, from a journal that is filled to each sink alone. See bench/README.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchSink } from './agent-config.ts'
import { benchData } from './data.ts'
import { type SinkFigures, type SinkPass, sinkPass } from './sink-pass.ts'
import { gzipLevel, passes } from './sink-passes.ts'
import { figure, heading, print, row } from './table.ts'
import { throughputIn } from './throughput.ts'

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    data: { type: 'string', default: 'bench/.data' },
  },
})
const lines = Number(values.lines)
if (!Number.isInteger(lines) || lines <= 0) {
  process.stderr.write('usage: npm run bench:sinks -- [--lines 1000000] [--data DIRECTORY]\n')
  process.exit(64)
}

/** Events a second of gzip alone, of what the `file` sink wrote. */
function gzipRate(path: string): number {
  const command = ['-c', '0', process.execPath, 'bench/gzip.ts', path, String(gzipLevel)]
  const { seconds } = JSON.parse(execFileSync('taskset', command, { encoding: 'utf8' })) as {
    seconds: number
  }
  return lines / seconds
}

mkdirSync(values.data, { recursive: true })
const directory = mkdtempSync(join(values.data, 'scratch-'))
try {
  const data = await benchData(values.data, lines)
  print(
    `${figure(data.lines)} lines, ${figure(data.bytes / data.lines)} bytes each; node ${process.versions.node}; ${cpus()[0]?.model ?? 'unknown CPU'}\n`,
  )
  const pipeline = await throughputIn(directory, data, {
    name: 'the whole pipeline, 1 core',
    cores: '0',
    sinkCores: '1',
    workers: 0,
    compression: 'none',
  })

  heading(['run', 'events/s', 'of the pipeline', 'CPU µs/event', 'peak RSS MiB'])
  const line = (name: string, rate: number, microseconds?: number, rss?: number) =>
    row([
      name,
      figure(rate),
      (rate / pipeline.eventsPerSecond).toFixed(2),
      microseconds?.toFixed(1) ?? '',
      rss === undefined ? '' : figure(rss),
    ])
  const pipelineMicroseconds = (pipeline.cpuSeconds / data.lines) * 1e6
  line(pipeline.name, pipeline.eventsPerSecond, pipelineMicroseconds, pipeline.peakRssMiB)
  const run = async (pass: SinkPass): Promise<SinkFigures> => {
    const figures = await sinkPass({ directory, lines: data.lines, bytes: data.bytes }, pass)
    const microseconds = (figures.cpuSeconds / figures.events) * 1e6
    line(pass.name, figures.eventsPerSecond, microseconds, figures.peakRssMiB)
    return figures
  }

  const file = await run(passes.file)
  const gzip = gzipRate(join(directory, 'files', `${benchSink}.ndjson`))
  line(`gzip -${gzipLevel} alone, 1 core`, gzip)
  const s3 = await run(passes.s3)
  const s3OnTwo = await run(passes.s3OnTwo)
  const http = await run(passes.http)
  const four = await run(passes.four)
  const gzipped = await run(passes.gzippedHttp)
  const fourGzipped = await run(passes.fourGzipped)
  await run(passes.splunk)
  await run(passes.otlp)
  const slow = await run(passes.slow)

  print('')
  heading(['goal', 'asked', 'reached'])
  const ratio = (n: number) => n.toFixed(2)
  row(['http, of the pipeline', '≥ 1.50', ratio(http.eventsPerSecond / pipeline.eventsPerSecond)])
  row(['file, of the pipeline', '≥ 1.50', ratio(file.eventsPerSecond / pipeline.eventsPerSecond)])
  row(['s3 on one core, of gzip alone', '≥ 0.80', ratio(s3.eventsPerSecond / gzip)])
  row(['s3 on two cores, of gzip alone on one', '≥ 0.80', ratio(s3OnTwo.eventsPerSecond / gzip)])
  row(['four http, CPU of one', '≤ 2.20', ratio(four.cpuSeconds / http.cpuSeconds)])
  row(['four http with gzip, CPU of one', '≤ 2.20', ratio(fourGzipped.cpuSeconds / gzipped.cpuSeconds)])
  row([
    `http, answers after 500 ms, up to ${slow.concurrency} at once, second half`,
    '≥ 100,000/s',
    `${figure(slow.events / 2 / slow.secondHalfSeconds)}/s`,
  ])
} finally {
  rmSync(directory, { recursive: true, force: true })
}
