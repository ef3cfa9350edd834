/** A worker thread of the pool: compiles the same normalisers and answers chunk by chunk. */
import { parentPort, workerData } from 'node:worker_threads'
import { WatchedFiles } from '../attribution/enrich/watched-file.ts'
import { asError } from '../errors.ts'
import type { NormalisedBatch } from './contract.ts'
import { compileNormaliser, type InlineNormaliser } from './normaliser.ts'
import { type Answer, filesEvery, type Job, type WorkerData } from './worker-messages.ts'

const { specs } = workerData as WorkerData
const port = parentPort!
const files = new WatchedFiles()
const normalisers = new Map<string, InlineNormaliser>(
  specs.map((spec) => [spec.receiver, compileNormaliser(spec, { files })]),
)
await files.fetched()
files.watch(filesEvery)

port.on('message', (job: Job) => {
  const answer = run(job)
  port.postMessage(answer, 'batch' in answer ? transferable(answer.batch) : [])
})
port.postMessage({ ready: true } satisfies Answer)

function run(job: Job): Answer {
  try {
    const normaliser = normalisers.get(job.receiver)!
    const batch = 'lines' in job ? normaliser.lines(job.lines) : normaliser.records(job.records)
    return { id: job.id, batch: detached(batch) }
  } catch (thrown) {
    return { id: job.id, error: asError(thrown).message }
  }
}

/** Small buffers are parts of Node's shared pool, which must not be given away. */
function own<T extends Uint8Array>(bytes: T): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}

function detached(batch: NormalisedBatch): NormalisedBatch {
  return { ...batch, payload: own(batch.payload), raw: own(batch.raw) }
}

function transferable({ payload, lengths, raw, rawLengths, routes }: NormalisedBatch): ArrayBuffer[] {
  const buffers = [payload, lengths, raw, rawLengths, routes].map(({ buffer }) => buffer)
  return buffers.filter(
    (buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer && buffer.byteLength > 0,
  )
}
