/**
 * The same job through other collectors, where they are installed: tail the file, parse the JSON, take a handful of
 * fields to one shape, buffer on disk, send. Their configurations are in bench/peers/, each with what it does and
 * what it leaves out.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BenchData } from './data.ts'
import { measure } from './process.ts'
import { startSink } from './sink-process.ts'
import type { Throughput } from './throughput.ts'

interface Peer {
  readonly program: string
  readonly config: string
  readonly args: (config: string) => string[]
  readonly plainTcp?: boolean
}

const peers: readonly Peer[] = [
  { program: 'fluent-bit', config: 'fluent-bit.yaml', args: (config) => ['--quiet', '-c', config] },
  { program: 'vector', config: 'vector.yaml', args: (config) => ['--quiet', '-c', config] },
  { program: 'otelcol', config: 'otelcol.yaml', args: (config) => ['--config', config] },
  {
    program: 'rsyslogd',
    config: 'rsyslog.conf',
    args: (config) => ['-n', '-f', config, '-i', 'NONE'],
    plainTcp: true,
  },
]

const isInstalled = (program: string) => spawnSync('which', [program]).status === 0
const limitMilliseconds = 600_000

/** One pass on one core for each peer that is on PATH. */
export async function peerPasses(
  data: BenchData,
  scratch: string,
  only: string | undefined,
): Promise<Throughput[]> {
  const results: Throughput[] = []
  for (const peer of peers) {
    if (!isInstalled(peer.program) || (only !== undefined && !peer.program.includes(only))) continue
    try {
      results.push(await peerPass(peer, data, scratch))
    } catch (thrown) {
      // Another collector's trouble is worth a line, and no reason to lose our own figures.
      process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    }
  }
  return results
}

async function peerPass(peer: Peer, data: BenchData, scratch: string): Promise<Throughput> {
  const name = `${peer.program}, 1 core`
  const directory = resolve(mkdtempSync(join(scratch, `${peer.program}-`)))
  try {
    await using sink = await startSink({ cores: '1', plainTcp: peer.plainTcp === true })
    mkdirSync(join(directory, 'state'))
    const config = join(directory, peer.config)
    const template = readFileSync(join('bench/peers', peer.config), 'utf8')
    const lua = join('bench/peers', 'fluent-bit.lua')
    writeFileSync(
      config,
      template
        .replaceAll('@INPUT@', resolve(data.path))
        .replaceAll('@PORT@', String(sink.port))
        .replaceAll('@STATE@', join(directory, 'state'))
        .replaceAll('@LUA@', resolve(lua)),
    )
    const { child, usage } = measure([peer.program, ...peer.args(config)], { cores: '0' })
    const started = performance.now()
    let arrived = 0
    while (
      arrived < data.lines &&
      child.exitCode === null &&
      performance.now() - started < limitMilliseconds
    ) {
      await new Promise((wake) => setTimeout(wake, 50))
      arrived = (await sink.report()).lines
    }
    const seconds = (performance.now() - started) / 1000
    child.kill('SIGTERM')
    const { cpuSeconds, peakRssMiB } = await usage
    if (arrived < data.lines) throw new Error(`${name}: ${arrived} of ${data.lines} lines arrived`)
    return {
      name,
      eventsPerSecond: data.lines / seconds,
      mebibytesPerSecond: data.bytes / 2 ** 20 / seconds,
      cpuSeconds,
      peakRssMiB,
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
