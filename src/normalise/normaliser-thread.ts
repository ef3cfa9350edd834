/**
 * A worker thread that normalises, with what it has not answered yet. Bytes are copied into it, not moved: what it leaves when it
 * dies can be done by another.
 */
import { Worker } from 'node:worker_threads'
import { AffiantError, asError } from '../errors.ts'
import type { LineChunk, RecordChunk } from '../event/record.ts'
import { ownThread } from '../own-files.ts'
import type { NormalisedBatch, NormaliserSpec } from './contract.ts'
import type { Answer, Job, WorkerData } from './worker-messages.ts'

export type Task = { readonly lines: LineChunk } | { readonly records: RecordChunk }

/** A chunk that somebody waits for. */
export interface Pending {
  readonly receiver: string
  readonly task: Task
  readonly resolve: (batch: NormalisedBatch) => void
  readonly reject: (error: Error) => void
}

export interface ThreadEvents {
  /** It answered: whatever it died of before, this is not that. */
  readonly answered: () => void
  /** It is no more; `left` is what it had not answered. */
  readonly ended: (thread: NormaliserThread, error: AffiantError, left: readonly Pending[]) => void
}

export class NormaliserThread {
  /** Resolves when it has compiled every specification; rejects where it ends before. */
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #nextId = 0

  constructor(specs: readonly NormaliserSpec[], { answered, ended }: ThreadEvents) {
    const data: WorkerData = { specs }
    this.#worker = new Worker(ownThread('normalise/worker'), { workerData: data })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ready = promise
    promise.catch(() => {})
    let failure: unknown
    this.#worker.on('message', (answer: Answer) => {
      if ('ready' in answer) return resolve()
      answered()
      this.#answer(answer)
    })
    this.#worker.on('error', (error) => {
      failure = error
    })
    this.#worker.on('exit', (code) => {
      const why = failure === undefined ? `exit code ${code}` : asError(failure).message
      const error = new AffiantError('internal', `a worker thread ended: ${why}`)
      reject(error)
      const left = [...this.#pending.values()]
      this.#pending.clear()
      ended(this, error, left)
    })
  }

  /** Chunks that it has not answered. */
  get load(): number {
    return this.#pending.size
  }

  /** Also before it is ready. */
  run(pending: Pending): void {
    const { receiver, task } = pending
    const id = this.#nextId++
    this.#pending.set(id, pending)
    const job: Job = {
      id,
      receiver,
      ...('lines' in task ? { lines: compact(task.lines) } : { records: compactRecords(task.records) }),
    }
    this.#worker.postMessage(job)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #answer(answer: Exclude<Answer, { ready: true }>): void {
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    this.#pending.delete(answer.id)
    if ('batch' in answer) pending.resolve(answer.batch)
    else pending.reject(new AffiantError('internal', `a worker thread failed: ${answer.error}`))
  }
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
