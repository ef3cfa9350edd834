// 10,000 files in one directory, 500 of them growing: all are read, and the agent costs next to nothing once none grows.
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { full } from '../seed.ts'

const files = full ? 10_000 : 2_000
const growing = full ? 500 : 200
const linesAtStart = 2
const rounds = full ? 20 : 5
const idleSeconds = 20

/** Bytes of resident memory, at most, from the start on. */
const mostMemory = 300_000_000
/** Of one core while nothing grows. */
const mostIdle = 0.03

const line = (file: number, n: number) => `{"user":"u_${file}_${n}","event":"invoice.read","n":${n}}\n`

/** Seconds of processor time that a process has used. */
function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, in hundredths on every Linux that Node runs on.
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Counts delivered records as the output grows, so that asking costs the agent nothing. */
class Delivered implements Disposable {
  #count = 0
  #position = 0
  readonly #fd: number
  readonly #buffer = Buffer.alloc(1 << 20)

  constructor(path: string) {
    this.#fd = openSync(path, 'a+')
  }

  get count(): number {
    for (;;) {
      const bytes = this.#buffer.subarray(
        0,
        readSync(this.#fd, this.#buffer, 0, this.#buffer.length, this.#position),
      )
      const whole = bytes.lastIndexOf(10) + 1
      if (whole === 0) return this.#count
      this.#count += bytes.toString('latin1', 0, whole).split('"action":"invoice.read"').length - 1
      this.#position += whole
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

/** As `until`, with time for 10,000 files on a machine that has other things to do. */
async function within(
  seconds: number,
  what: string,
  holds: () => boolean,
  seen: () => string,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}; seen: ${seen()}`)
    await after(20)
  }
}

test.skipIf(process.platform !== 'linux')(`${files} files, ${growing} growing`, async () => {
  using directory = new WorkDirectory()
  mkdirSync(directory.at('many'))
  const path = (file: number) => directory.at('many', `app-${file}.log`)
  for (let file = 0; file < files; file += 1) {
    writeFileSync(path(file), Array.from({ length: linesAtStart }, (_, n) => line(file, n)).join(''))
  }
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  await using agent = startAgent(
    configure(directory, { receivers: { app: { type: 'file', include: [directory.at('many/*.log')] } } }),
  )
  await agent.ready()
  const started = seconds()
  using delivered = new Delivered(directory.at('out.ndjson'))
  const seen = () => `${delivered.count}, ${agent.stderr.slice(-2_000)}`
  await within(180, 'every file to be read', () => delivered.count === files * linesAtStart, seen)
  const caughtUp = seconds()

  let latest = 0
  for (let round = 0; round < rounds; round += 1) {
    const written = performance.now()
    for (let file = 0; file < files; file += files / growing)
      appendFileSync(path(file), line(file, linesAtStart + round))
    const expected = files * linesAtStart + growing * (round + 1)
    await within(60, 'what was added', () => delivered.count === expected, seen)
    latest = Math.max(latest, performance.now() - written)
  }

  // Files stay under closer watch for two seconds after they grew.
  await after(4_000)
  const pid = agent.child.pid ?? 0
  const before = processorTime(pid)
  await after(idleSeconds * 1000)
  const idle = (processorTime(pid) - before) / idleSeconds
  const memory = agent.peakMemory * 1024 * 1024
  console.info(
    `${files} files: started ${started.toFixed(1)} s, caught up ${caughtUp.toFixed(1)} s, ` +
      `${growing} lines in ${growing} files within ${latest.toFixed(0)} ms, ` +
      `idle ${(idle * 100).toFixed(2)} % of a core, peak memory ${(memory / 1e6).toFixed(0)} MB`,
  )

  agent.signal('SIGTERM')
  expect(await agent.ended, agent.stderr).toEqual({ code: 0, signal: null })
  const actors = eventsIn(directory.at('out.ndjson')).map(({ actor }) => actor.id ?? '')
  expect(actors).toHaveLength(files * linesAtStart + growing * rounds)
  expect(new Set(actors).size, 'each line once').toBe(actors.length)
  expect(memory, 'peak resident memory').toBeLessThanOrEqual(mostMemory)
  expect(idle, 'share of a core while nothing grows').toBeLessThan(mostIdle)
})
