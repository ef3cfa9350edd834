/** The thread behind encoder.ts: one job after another. */
import { parentPort } from 'node:worker_threads'
import { asError } from '../errors.ts'
import type { ParquetAnswer, ParquetJob } from './job.ts'
import { writeParquet } from './write.ts'

const port = parentPort!

port.on('message', (job: ParquetJob) => {
  const answer = run(job)
  port.postMessage(answer, 'file' in answer ? [answer.file.buffer] : [])
})

function run(job: ParquetJob): ParquetAnswer {
  try {
    return { file: writeParquet(job) }
  } catch (thrown) {
    return { error: asError(thrown).message }
  }
}
