/**
 * Tells when the files behind `--config` have changed and are left alone again. Looks at them by time: what an editor renames,
 * and what a volume of Kubernetes swaps by a link, is told by no event that comes everywhere.
 */
import type { Clock } from '../clock.ts'
import { traceOfSources } from './sources.ts'

/** Milliseconds between two looks. What is the same at two of them is not being written. */
const every = 1_000

export interface WatchSourcesOptions {
  readonly paths: readonly string[]
  readonly clock: Pick<Clock, 'sleep'>
  /** Awaited before the next look. */
  readonly changed: () => Promise<unknown>
}

/** Runs until the signal aborts; never rejects for what the file system does. */
export async function watchSources(
  { paths, clock, changed }: WatchSourcesOptions,
  signal: AbortSignal,
): Promise<void> {
  let told = await traceOfSources(paths)
  let before = told
  while (!signal.aborted) {
    await clock.sleep(every, signal).catch(() => undefined)
    if (signal.aborted) return
    const now = await traceOfSources(paths)
    const isSettled = now === before
    before = now
    if (!isSettled || now === told) continue
    // What changes while it is read is told again.
    told = now
    await changed()
  }
}
