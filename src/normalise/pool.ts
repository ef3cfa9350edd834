/**
 * Every receiver's normaliser, inline or spread over worker threads. Inline, chunks that take long still have a thread, so that
 * they hold nothing else up.
 *
 * A thread that dies takes no chunk with it: what it had not answered is done inline, and a new thread takes its place.
 * A chunk that kills threads therefore ends where its fault shows: in the main thread, as an ordinary error of that one call.
 */
import { type FileNews, WatchedFiles } from '../attribution/enrich/watched-file.ts'
import { type AffiantError, asError } from '../errors.ts'
import { SizedPool } from '../sized-pool.ts'
import type { NormalisedBatch, Normaliser, NormaliserSpec } from './contract.ts'
import { compileNormaliser, type InlineNormaliser } from './normaliser.ts'
import { NormaliserThread, type Pending, type Task } from './normaliser-thread.ts'
import { isLarge, SpareThread } from './spare-thread.ts'
import { filesEvery } from './worker-messages.ts'

export interface NormaliserPool {
  /** @throws for a receiver that no specification was given for */
  normaliser(receiver: string): Normaliser
  /** What enrichers read, as it was at the start. */
  readonly files: WatchedFiles['loaded']
  /** Ends the threads; what they were doing is done inline. Idempotent. */
  close(): Promise<void>
}

export interface PoolOptions {
  /** Told when a thread died and was replaced. */
  readonly onCrash?: (error: AffiantError) => void
  /** Told of each file of an enricher that had changed: threads load it as well, and say nothing. */
  readonly onFile?: (news: FileNews) => void
}

/** Of memory that events were in, for the next ones. What threads make is given away for good. */
const kept = { most: 4 * 1024 ** 2, largest: 2 * 1024 ** 2 }

/** A thread that dies this often without an answer in between is not replaced any more. */
const maxCrashes = 3

/** @param workers threads; 0 = inline. Resolves when every thread has compiled every specification. */
export async function createNormaliserPool(
  specs: readonly NormaliserSpec[],
  workers: number,
  options: PoolOptions = {},
): Promise<NormaliserPool> {
  // Compiled here in any case: faults of a specification show at once, and what a thread leaves is done here.
  const files = new WatchedFiles()
  const pool = new SizedPool(kept)
  const inline = new Map(specs.map((spec) => [spec.receiver, compileNormaliser(spec, { files, pool })]))
  const find = (receiver: string): InlineNormaliser => {
    const normaliser = inline.get(receiver)
    if (normaliser === undefined) throw new TypeError(`no normaliser was compiled for ${receiver}`)
    return normaliser
  }
  const threads = new Set<NormaliserThread>()
  const spare = workers === 0 ? new SpareThread({ specs, runInline, onCrash: options.onCrash }) : undefined
  let closing = false
  let crashes = 0

  function runInline({ receiver, task, resolve, reject }: Pending): void {
    try {
      resolve(normalise(find(receiver), task))
    } catch (thrown) {
      reject(asError(thrown))
    }
  }

  async function start(): Promise<void> {
    const thread = new NormaliserThread(specs, {
      answered: () => {
        crashes = 0
      },
      ended: (thread, error, left) => {
        threads.delete(thread)
        for (const pending of left) runInline(pending)
        if (closing) return
        options.onCrash?.(error)
        if (++crashes <= maxCrashes) start().catch(() => {})
      },
    })
    await thread.ready
    threads.add(thread)
  }

  function submit(receiver: string, task: Task): Promise<NormalisedBatch> {
    const { promise, resolve, reject } = Promise.withResolvers<NormalisedBatch>()
    const pending: Pending = { receiver, task, resolve, reject }
    const thread = spare ?? leastBusy(threads)
    if (thread === undefined || closing) runInline(pending)
    else thread.run(pending)
    return promise
  }

  const started = await Promise.allSettled(Array.from({ length: workers }, start))
  const failed = started.find((result) => result.status === 'rejected')
  for (const news of await files.fetched()) options.onFile?.(news)
  const watch = files.watch(filesEvery, options.onFile)
  async function close(): Promise<void> {
    closing = true
    watch[Symbol.dispose]()
    await Promise.all([...threads, ...(spare ? [spare] : [])].map((thread) => thread.end()))
  }
  if (failed !== undefined) {
    await close()
    throw asError(failed.reason)
  }

  return {
    files: files.loaded,
    normaliser(receiver) {
      const own = find(receiver)
      const run = (task: Task) => (spare && !isLarge(task) ? normalise(own, task) : submit(receiver, task))
      return { lines: (chunk) => run({ lines: chunk }), records: (chunk) => run({ records: chunk }) }
    },
    close,
  }
}

const normalise = (normaliser: InlineNormaliser, task: Task): NormalisedBatch =>
  'lines' in task ? normaliser.lines(task.lines) : normaliser.records(task.records)

function leastBusy(threads: ReadonlySet<NormaliserThread>): NormaliserThread | undefined {
  let best: NormaliserThread | undefined
  for (const thread of threads) if (best === undefined || thread.load < best.load) best = thread
  return best
}
