/** Throws inputs at one target until its time is over; ends with the first that it fails. */
import { parentPort, workerData } from 'node:worker_threads'
import { randomFrom } from '../seed.ts'
import { mutant } from './mutate.ts'
import { SharedInput } from './shared-input.ts'
import { targets } from './targets.ts'

export interface FuzzJob {
  readonly name: string
  readonly seed: number
  readonly milliseconds: number
  /** Inputs that failed in earlier runs; the corpus comes behind them, unchanged. */
  readonly first: readonly Uint8Array[]
  readonly memory: SharedArrayBuffer
}

/** What ended it; null: nothing was found. */
export interface FuzzEnd {
  readonly error: string | null
}

const job: FuzzJob = workerData
const found = targets[job.name]
if (!found) throw new Error(`no fuzz target ${job.name}`)
const target = found
const input = new SharedInput(job.memory)
const random = randomFrom(job.seed)
const end = performance.now() + job.milliseconds

async function run(): Promise<FuzzEnd> {
  const { corpus } = target
  const given = [...job.first.map((bytes) => Buffer.from(bytes)), ...corpus]
  for (let n = 0; n < given.length || performance.now() < end; n++) {
    const bytes = given[n] ?? mutant(corpus, random)
    input.set(bytes)
    try {
      await target.check(bytes)
    } catch (thrown) {
      return { error: thrown instanceof Error ? `${thrown.stack}` : String(thrown) }
    }
  }
  return { error: null }
}

parentPort?.postMessage(await run())
