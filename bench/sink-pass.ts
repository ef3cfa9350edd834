/** One pass of journal → sinks: a fresh delivery in its own process, to a destination in another. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchSink } from './agent-config.ts'
import { measure } from './process.ts'
import { type SinkOptions, startSink } from './sink-process.ts'

/** Where a pass delivers to. */
interface Destination {
  readonly url: string
  /** A file for this sink alone. */
  readonly path: string
}

export interface SinkPass {
  readonly name: string
  readonly cores: string
  /** The sinks that run at once: their options, as a user writes them. */
  readonly sinks: readonly ((at: Destination) => Readonly<Record<string, unknown>>)[]
  readonly destination?: Pick<SinkOptions, 'answer' | 'delay'>
}

/** What `bench/deliver.ts` says. */
interface Delivered {
  readonly events: number
  /** From the start of the process until all is settled. */
  readonly seconds: number
  /** Of these, from when every sink had settled half of the events. */
  readonly secondHalfSeconds: number
  /** From opening the sinks until all is settled. */
  readonly cpuSeconds: number
  readonly peakRssMiB: number
  /** Batches that may be under way, as found out by the end. */
  readonly concurrency: number
}

export interface SinkFigures extends Delivered {
  readonly name: string
  readonly eventsPerSecond: number
}

export interface FilledJournal {
  /** The journal is below it, in `data/`. */
  readonly directory: string
  /** Of the events in it, the fewest that each sink must get, and the fewest bytes. */
  readonly lines: number
  readonly bytes: number
}

/** Files are left in `files/`, below the journal's directory, until the next pass. */
export async function sinkPass(journal: FilledJournal, pass: SinkPass): Promise<SinkFigures> {
  const { directory } = journal
  const dataDir = join(directory, 'data')
  const files = join(directory, 'files')
  // A fresh delivery knows nothing of the last one.
  for (const left of ['cursors', 'plans', 'dlq'])
    rmSync(join(dataDir, left), { recursive: true, force: true })
  rmSync(files, { recursive: true, force: true })
  mkdirSync(files)
  await using destination = await startSink({ cores: '1', ...pass.destination })
  const { url } = destination
  const sinks = pass.sinks.map((sink, index) => {
    const name = index === 0 ? benchSink : `${benchSink}-${index + 1}`
    return [name, sink({ url, path: join(files, `${name}.ndjson`) })]
  })
  const config = join(directory, 'deliver.yaml')
  const result = join(directory, 'delivered.json')
  writeFileSync(
    config,
    JSON.stringify({
      agent: { id: 'bench', data_dir: dataDir },
      receivers: { none: { type: 'file', include: [join(directory, 'nothing')], preset: 'json' } },
      sinks: Object.fromEntries(sinks) as object,
      telemetry: { log: { level: 'warn' } },
    }),
  )
  const { usage } = measure([process.execPath, 'bench/deliver.ts', config, result], {
    cores: pass.cores,
    stdio: 'inherit',
  })
  const { exitCode } = await usage
  if (exitCode !== 0) throw new Error(`${pass.name}: delivery exited with ${exitCode}`)
  const delivered = JSON.parse(readFileSync(result, 'utf8')) as Delivered
  const { lines, inflatedBytes } = await destination.report()
  const written = readdirSync(files).reduce((sum, name) => sum + statSync(join(files, name)).size, 0)
  // Compressed bodies and files are held against their lines by size, what comes in plain by count too.
  const got = lines > 0 ? lines / journal.lines : (inflatedBytes + written) / journal.bytes
  if (got < pass.sinks.length) {
    throw new Error(`${pass.name}: ${lines} lines, ${inflatedBytes} + ${written} bytes arrived`)
  }
  return { name: pass.name, ...delivered, eventsPerSecond: delivered.events / delivered.seconds }
}
