/** Events as a sink hands them over to be encoded. */
import { canonicalize } from '../../src/event/canonical.ts'
import type { ParquetJob } from '../../src/parquet/job.ts'

export const origin = 'affiant/node-1/1'

/** The output line of an event, without its newline. */
export function lineOf(event: unknown, seq = 0): string {
  const canonical = canonicalize(event)
  const log = canonicalize({ origin, seq, size: Buffer.byteLength(canonical) })
  return `${canonical.slice(0, -1)},"log":${log}}`
}

export function jobOf(lines: readonly string[], options: Partial<ParquetJob> = {}): ParquetJob {
  return {
    origin,
    lines: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    lengths: Uint32Array.from(lines, (line) => Buffer.byteLength(line)),
    seqs: Float64Array.from(lines, (_, index) => index),
    compression: 'zstd',
    level: 1,
    ...options,
  }
}
