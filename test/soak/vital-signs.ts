/** Memory and open descriptors of a process over its life, and whether they grow. */
import { readdirSync, readFileSync } from 'node:fs'
import { slope } from './slope.ts'

interface Sample {
  /** Seconds since the process started. */
  readonly age: number
  readonly rss: number
  readonly descriptors: number
}

export interface Slopes {
  /** Seconds of life after warming up, all processes together. */
  readonly seconds: number
  /** MiB a minute. */
  readonly memory: number
  /** A minute. */
  readonly descriptors: number
  /** MiB. */
  readonly highestMemory: number
  readonly mostDescriptors: number
}

export class VitalSigns {
  readonly #lives: Sample[][] = []
  #pid = 0
  #started = 0

  /** A new life begins. */
  born(pid: number): void {
    this.#pid = pid
    this.#started = performance.now()
    this.#lives.push([])
  }

  /** Looks once; a process that just ended has no signs. */
  look(): void {
    try {
      const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8')
      const kilobytes = /VmRSS:\s+(\d+) kB/.exec(status)?.[1]
      if (kilobytes === undefined) return
      const descriptors = readdirSync(`/proc/${this.#pid}/fd`).length
      const age = (performance.now() - this.#started) / 1000
      this.#lives.at(-1)?.push({ age, rss: Number(kilobytes) / 1024, descriptors })
    } catch {
      // It is between two lives.
    }
  }

  get lives(): number {
    return this.#lives.length
  }

  /** From `warmUp` seconds of age on. */
  slopes(warmUp: number): Slopes {
    const warm = this.#lives
      .map((life) => life.filter(({ age }) => age >= warmUp))
      .filter((life) => life.length > 2)
    const all = this.#lives.flat()
    const slopeOf = (value: (sample: Sample) => number) =>
      60 * slope(warm.map((life) => life.map((sample) => ({ at: sample.age, value: value(sample) }))))
    return {
      seconds: warm.reduce((sum, life) => sum + life.at(-1)!.age - life[0]!.age, 0),
      memory: slopeOf(({ rss }) => rss),
      descriptors: slopeOf(({ descriptors }) => descriptors),
      highestMemory: all.reduce((most, { rss }) => Math.max(most, rss), 0),
      mostDescriptors: all.reduce((most, { descriptors }) => Math.max(most, descriptors), 0),
    }
  }
}
