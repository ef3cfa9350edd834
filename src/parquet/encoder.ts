/**
 * Files of Parquet, made in a thread: one takes half a second, and everybody's commits would wait for it. The thread
 * starts with the first job, and so does what it loads.
 */
import { Worker } from 'node:worker_threads'
import { AffiantError, asError } from '../errors.ts'
import { ownThread } from '../own-files.ts'
import type { ParquetAnswer, ParquetJob } from './job.ts'

export interface ParquetEncoder {
  /** Rejects when the thread dies over it; the next job gets another one. */
  encode(job: ParquetJob): Promise<Buffer>
  /** What is under way or waits rejects. Idempotent. */
  close(): Promise<void>
}

export function createParquetEncoder(): ParquetEncoder {
  let thread: Worker | undefined
  let closed = false
  /** The job before: only one is copied into the thread at a time. */
  let before: Promise<unknown> = Promise.resolve()

  function open(): Worker {
    const worker = new Worker(ownThread('parquet/worker'))
    worker.once('exit', () => {
      if (thread === worker) thread = undefined
    })
    // Its job hears of it, if there is one.
    worker.on('error', () => undefined)
    return worker
  }

  async function run(job: ParquetJob): Promise<Buffer> {
    if (closed) throw new AffiantError('internal', 'the encoder of Parquet is closed')
    thread ??= open()
    const worker = thread
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const died = (why: string) =>
      reject(new AffiantError('internal', `the thread that writes Parquet ${why}`))
    const answered = (answer: ParquetAnswer) => {
      if ('file' in answer) resolve(Buffer.from(answer.file.buffer))
      else died(`failed: ${answer.error}`)
    }
    const failed = (error: unknown) => died(`ended: ${asError(error).message}`)
    const ended = (code: number) => died(`ended: exit code ${code}`)
    worker.once('message', answered).once('error', failed).once('exit', ended)
    // An idle thread keeps no process alive.
    worker.ref()
    try {
      // A view would take all of its buffer with it.
      const lines = new Uint8Array(job.lines)
      const lengths = new Uint32Array(job.lengths)
      const seqs = new Float64Array(job.seqs)
      worker.postMessage({ ...job, lines, lengths, seqs }, [lines.buffer, lengths.buffer, seqs.buffer])
      return await promise
    } finally {
      worker.unref()
      worker.off('message', answered).off('error', failed).off('exit', ended)
    }
  }

  return {
    encode(job) {
      const file = before.then(() => run(job))
      before = file.catch(() => undefined)
      return file
    },
    async close() {
      closed = true
      await thread?.terminate()
    },
  }
}
