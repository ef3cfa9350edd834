/**
 * Most agents stand beside something that matters more, and have little to do most of the time. While an agent starts and
 * rests, V8 is asked to be sparing: it makes fast code only of what runs very often, with fewer threads. Under load
 * it works as it always does. An agent that comes to rest gives back what only the start, or the load, had a use for.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds between two looks at what was done. */
const lookEvery = 250
/** Of a core, in that time: until it has rested for the first time, since a start is not over when an agent is ready, and later on. */
const busy = { first: 0.5, later: 0.1 }
/** Milliseconds without work until it rests: after the start, and later on. */
const patience = { first: 3_000, later: 30_000 }
/** Milliseconds of processor time. A start takes less, unless it has much to read: then that is work as well. */
const longStart = 1_000

/** Bytes in use, below which all that can be freed is freed in some 50 ms. A heap that is larger keeps nothing else waiting. */
const smallHeap = 64 * 1024 ** 2

/** What resting and working are to the engine. */
export interface Engine {
  spare(): void
  work(): void
  /** Frees what can be freed; meanwhile nothing else happens. */
  collect(): void
}

export const v8: Engine = {
  // Both change what V8 weighs, not what it does; browsers switch them all the time.
  spare: () => setFlagsFromString('--efficiency-mode'),
  work: () => setFlagsFromString('--no-efficiency-mode'),
  collect() {
    if (getHeapStatistics().used_heap_size > smallHeap) return
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as (options: object) => void
    collect({ type: 'major', flavor: 'last-resort' })
  },
}

export class Rest {
  readonly #engine: Engine
  /** Milliseconds of processor time that the process has used. */
  readonly #used: () => number
  #spares = true
  #patience = patience.first
  #busy = busy.first
  #quietFor = 0
  #before = 0
  #timer: NodeJS.Timeout

  /** From the start of an agent. */
  constructor(engine: Engine = v8, used: () => number = processorTime) {
    this.#engine = engine
    this.#used = used
    engine.spare()
    this.#timer = setInterval(() => {
      if (used() > longStart) this.#work()
    }, lookEvery).unref()
  }

  /** It has started. */
  watch(): void {
    clearInterval(this.#timer)
    this.#before = this.#used()
    this.#timer = setInterval(() => this.#look(), lookEvery).unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = this.#used()
    const isBusy = (now - this.#before) / lookEvery > this.#busy
    this.#before = now
    if (isBusy) {
      this.#work()
      return
    }
    this.#quietFor += lookEvery
    if (this.#quietFor === this.#patience) this.#rest()
  }

  #work(): void {
    this.#quietFor = 0
    this.#patience = patience.later
    this.#busy = busy.later
    if (this.#spares) this.#engine.work()
    this.#spares = false
  }

  #rest(): void {
    if (!this.#spares) this.#engine.spare()
    this.#spares = true
    this.#engine.collect()
    this.#busy = busy.later
    // That was no work.
    this.#before = this.#used()
  }
}

function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
