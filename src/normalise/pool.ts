/**
 * Every receiver's normaliser, inline or spread over worker threads.
 *
 * A thread that dies takes no chunk with it: bytes are copied into it, not moved, so that what it had not answered
 * is done inline, and a new thread takes its place. A chunk that kills threads therefore ends where its fault shows:
 * in the main thread, as an ordinary error of that one call.
 */
import { Worker } from 'node:worker_threads'
import { type FileNews, WatchedFiles } from '../attribution/enrich/watched-file.ts'
import { AffiantError, asError } from '../errors.ts'
import type { LineChunk, RecordChunk } from '../event/record.ts'
import { SizedPool } from '../sized-pool.ts'
import type { NormalisedBatch, Normaliser, NormaliserSpec } from './contract.ts'
import { compileNormaliser, type InlineNormaliser } from './normaliser.ts'
import { type Answer, filesEvery, type Job, type WorkerData } from './worker-messages.ts'

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

type Task = { readonly lines: LineChunk } | { readonly records: RecordChunk }

interface Pending {
  readonly receiver: string
  readonly task: Task
  readonly resolve: (batch: NormalisedBatch) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  readonly pending: Map<number, Pending>
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
  const threads = new Set<Thread>()
  let closing = false
  let nextId = 0
  let crashes = 0

  function runInline({ receiver, task, resolve, reject }: Pending): void {
    try {
      const normaliser = find(receiver)
      resolve('lines' in task ? normaliser.lines(task.lines) : normaliser.records(task.records))
    } catch (thrown) {
      reject(asError(thrown))
    }
  }

  function answered(thread: Thread, answer: Exclude<Answer, { ready: true }>): void {
    const pending = thread.pending.get(answer.id)
    if (pending === undefined) return
    thread.pending.delete(answer.id)
    crashes = 0
    if ('batch' in answer) pending.resolve(answer.batch)
    else pending.reject(new AffiantError('internal', `a worker thread failed: ${answer.error}`))
  }

  function start(): Promise<void> {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
    const data: WorkerData = { specs }
    const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), { workerData: data })
    const thread: Thread = { worker, pending: new Map() }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let failure: unknown
    worker.on('message', (answer: Answer) => {
      if ('ready' in answer) {
        threads.add(thread)
        resolve()
      } else answered(thread, answer)
    })
    worker.on('error', (error) => {
      failure = error
    })
    worker.on('exit', (code) => {
      threads.delete(thread)
      const why = failure === undefined ? `exit code ${code}` : asError(failure).message
      const error = new AffiantError('internal', `a worker thread ended: ${why}`)
      reject(error)
      for (const pending of thread.pending.values()) runInline(pending)
      thread.pending.clear()
      if (closing) return
      options.onCrash?.(error)
      if (++crashes <= maxCrashes) start().catch(() => {})
    })
    return promise
  }

  function submit(receiver: string, task: Task): Promise<NormalisedBatch> {
    const { promise, resolve, reject } = Promise.withResolvers<NormalisedBatch>()
    const pending: Pending = { receiver, task, resolve, reject }
    const thread = leastBusy(threads)
    if (thread === undefined || closing) {
      runInline(pending)
      return promise
    }
    const id = nextId++
    thread.pending.set(id, pending)
    const job: Job = {
      id,
      receiver,
      ...('lines' in task ? { lines: compact(task.lines) } : { records: compactRecords(task.records) }),
    }
    thread.worker.postMessage(job)
    return promise
  }

  const started = await Promise.allSettled(Array.from({ length: workers }, start))
  const failed = started.find((result) => result.status === 'rejected')
  for (const news of await files.fetched()) options.onFile?.(news)
  const watch = files.watch(filesEvery, options.onFile)
  async function close(): Promise<void> {
    closing = true
    watch[Symbol.dispose]()
    await Promise.all([...threads].map(({ worker }) => worker.terminate()))
  }
  if (failed !== undefined) {
    await close()
    throw asError(failed.reason)
  }

  return {
    files: files.loaded,
    normaliser(receiver) {
      const own = find(receiver)
      if (workers === 0) return own
      return {
        lines: (chunk) => submit(receiver, { lines: chunk }),
        records: (chunk) => submit(receiver, { records: chunk }),
      }
    },
    close,
  }
}

function leastBusy(threads: ReadonlySet<Thread>): Thread | undefined {
  let best: Thread | undefined
  for (const thread of threads) {
    if (best === undefined || thread.pending.size < best.pending.size) best = thread
  }
  return best
}

/** A view of a larger buffer would be sent with all of it. */
function compact(chunk: LineChunk): LineChunk {
  const { bytes } = chunk
  return bytes.byteLength === bytes.buffer.byteLength ? chunk : { ...chunk, bytes: bytes.slice() }
}

function compactRecords(chunk: RecordChunk): RecordChunk {
  if (chunk.values === undefined) return chunk
  const { bytes, places } = chunk.values
  return { ...chunk, values: { bytes: new Uint8Array(bytes), places: new Int32Array(places) } }
}
