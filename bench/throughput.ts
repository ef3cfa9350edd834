/** One pass over the whole file: tail → normalise → journal with fdatasync → HTTP, until everything is settled. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAgentConfig } from './agent-config.ts'
import type { BenchData } from './data.ts'
import type { Enriches } from './enrichment.ts'
import { measure } from './process.ts'
import { startSink } from './sink-process.ts'

export interface Throughput {
  readonly name: string
  readonly eventsPerSecond: number
  readonly mebibytesPerSecond: number
  readonly cpuSeconds: number
  readonly peakRssMiB: number
}

/** Lines a second of the reference: one thread that only reads and JSON.parses. */
export function referenceRate(data: BenchData, core: string): number {
  const output = execFileSync('taskset', ['-c', core, process.execPath, 'bench/reference.ts', data.path], {
    encoding: 'utf8',
  })
  const { lines, seconds }: { lines: number; seconds: number } = JSON.parse(output)
  if (lines !== data.lines) throw new Error(`the reference read ${lines} of ${data.lines} lines`)
  return lines / seconds
}

export interface Pass {
  readonly name: string
  readonly cores: string
  readonly sinkCores: string
  readonly workers: number
  readonly compression: 'none' | 'gzip'
  readonly enriches?: Enriches
}

export async function throughput(data: BenchData, scratch: string, pass: Pass): Promise<Throughput> {
  const directory = mkdtempSync(join(scratch, 'run-'))
  try {
    return await throughputIn(directory, data, pass)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The same, with its journal left in `directory`. */
export async function throughputIn(directory: string, data: BenchData, pass: Pass): Promise<Throughput> {
  await using sink = await startSink({ cores: pass.sinkCores })
  const config = writeAgentConfig({
    directory,
    input: data.path,
    url: sink.url,
    compression: pass.compression,
    workers: pass.workers,
    ...(pass.enriches === undefined ? {} : { enriches: pass.enriches }),
  })
  const { usage } = measure([process.execPath, 'bin/affiant.js', 'run', '--once', '-c', config], {
    cores: pass.cores,
  })
  const { seconds, cpuSeconds, peakRssMiB, exitCode } = await usage
  if (exitCode !== 0) throw new Error(`${pass.name}: the agent exited with ${exitCode}`)
  const report = await sink.report()
  // Own events come on top of the lines; a compressed body is held against its lines by size, a plain one by count.
  if (pass.compression === 'none' ? report.lines < data.lines : report.inflatedBytes < data.bytes) {
    throw new Error(`${pass.name}: the sink got ${report.lines} lines, ${report.inflatedBytes} bytes`)
  }
  return {
    name: pass.name,
    eventsPerSecond: data.lines / seconds,
    mebibytesPerSecond: data.bytes / 2 ** 20 / seconds,
    cpuSeconds,
    peakRssMiB,
  }
}

/** The turn with the median of CPU seconds, which other work on the machine changes less than the time it takes. */
export function medianOf(turns: readonly Throughput[]): Throughput {
  return turns.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)[turns.length >> 1]!
}
