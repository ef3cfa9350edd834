/**
 * `npm run fuzz [-- --seconds N --only NAME]`: each target gets inputs that are nearly right. One that throws, takes more
 * than 5 s of the processor or more memory than 512 MiB is kept in test/fuzz/failures/, where every later run tries it first.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { seed } from '../seed.ts'
import { SharedInput } from './shared-input.ts'
import { targets } from './targets.ts'
import type { FuzzEnd, FuzzJob } from './worker.ts'

const failures = join(import.meta.dirname, 'failures')
/** Milliseconds of the processor for one input, and of time, which a loaded machine may have for others. */
const patience = { working: 5_000, waiting: 60_000 }

/** Milliseconds of the processor so far: all but nothing of it is the thread's. */
function worked(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function failedBefore(name: string): Buffer[] {
  mkdirSync(failures, { recursive: true })
  return readdirSync(failures)
    .filter((file) => file.startsWith(`${name}-`))
    .map((file) => readFileSync(join(failures, file)))
}

function keep(name: string, input: Buffer): string {
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 16)
  const path = join(failures, `${name}-${hash}`)
  writeFileSync(path, input)
  return relative(process.cwd(), path)
}

/** What is wrong, or null. */
async function fuzz(name: string, seconds: number): Promise<string | null> {
  const input = new SharedInput()
  const job: FuzzJob = {
    name,
    seed,
    milliseconds: seconds * 1000,
    first: failedBefore(name),
    memory: input.memory,
  }
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const started = performance.now()
  const ended = Promise.withResolvers<string | null>()
  worker.on('message', ({ error }: FuzzEnd) => ended.resolve(error))
  worker.on('error', (error) => ended.resolve(`the thread died: ${error.stack}`))
  worker.on('exit', () => ended.resolve('the thread ended'))
  let seen = { count: -1, at: started, worked: worked() }
  const watch = setInterval(() => {
    const now = { count: input.count, at: performance.now(), worked: worked() }
    // Loading the target takes its time.
    if (now.count !== seen.count || now.count === 0) seen = now
    else if (now.worked - seen.worked > patience.working || now.at - seen.at > patience.waiting)
      ended.resolve(`no end after ${Math.round(now.at - seen.at)} ms`)
  }, 250)
  const error = await ended.promise
  clearInterval(watch)
  await worker.terminate()
  const rate = Math.round(input.count / ((performance.now() - started) / 1000))
  process.stdout.write(`${name}: ${input.count} inputs, ${rate} a second, seed ${seed}\n`)
  if (error === null || input.count === 0) return error
  return `${error}\nkept as ${keep(name, input.get())}`
}

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, only: { type: 'string' } },
})
const seconds = Number(values.seconds)
if (!(seconds > 0)) throw new RangeError('--seconds takes a number above 0: time for each target')
const names = Object.keys(targets).filter((name) => values.only === undefined || name === values.only)
if (names.length === 0) throw new RangeError(`--only takes one of ${Object.keys(targets).join(', ')}`)
for (const name of names) {
  const error = await fuzz(name, seconds)
  if (error === null) continue
  process.stdout.write(`${name} FAILED: ${error}\n`)
  process.exitCode = 1
}
