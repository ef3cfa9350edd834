/** The configuration that the benchmark runs: what a user would write, with nothing switched off. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Enriches, enrichment } from './enrichment.ts'

/** The sink that a pass of the whole pipeline delivers to. */
export const benchSink = 'hook'

export interface BenchConfig {
  readonly directory: string
  readonly input: string
  readonly url: string
  readonly compression: 'none' | 'gzip'
  readonly workers: number
  readonly telemetryPort?: number
  readonly enriches?: Enriches
}

/** Writes affiant.yaml into `directory` (JSON is YAML) and returns its path. */
export function writeAgentConfig(options: BenchConfig): string {
  const path = join(options.directory, 'affiant.yaml')
  writeFileSync(
    path,
    JSON.stringify({
      agent: { id: 'bench', data_dir: join(options.directory, 'data'), workers: options.workers },
      receivers: { app: { type: 'file', include: [options.input], preset: 'json' } },
      sinks: {
        [benchSink]: { type: 'http', url: options.url, format: 'ndjson', compression: options.compression },
      },
      ...(options.enriches === undefined
        ? {}
        : { attribution: { enrich: enrichment(options.enriches, options.directory) } }),
      telemetry: { listen: `127.0.0.1:${options.telemetryPort ?? 0}`, log: { level: 'warn' } },
    }),
  )
  return path
}
