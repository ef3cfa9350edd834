/** What `journal:` says of a journal that runs, but for its keys: whoever needs it asks when it matters, and keeps nothing of it. */
import { type JournalConfig, resolveFloor, resolveLimit } from './config.ts'
import { chooseSizes, type Sizes } from './sizes.ts'

export type JournalSettings = Omit<JournalConfig, 'encryption'>

/** What `max_age` removes is at most so much of it older. */
const segmentsPerAge = 8

export class LiveSettings {
  #current: JournalSettings
  /** Bytes of the volume, of which limits may be a share. */
  #volume: number
  #sizes: Sizes
  readonly sizes: Sizes = new LiveSizes(() => this.#sizes)

  constructor(settings: JournalSettings, volume: number) {
    this.#current = settings
    this.#volume = volume
    this.#sizes = this.#choose()
  }

  /** `volume`: absent where it did not say. */
  use(settings: JournalSettings, volume = this.#volume): void {
    this.#current = settings
    this.#volume = volume
    this.#sizes = this.#choose()
  }

  get current(): JournalSettings {
    return this.#current
  }

  /** Bytes that stay free for others; 0: none. */
  get floor(): number {
    return resolveFloor(this.#current.min_free, this.#volume)
  }

  /** A segment is followed by another one after so long, so that what is in it can expire. Milliseconds. */
  get rotateAfter(): number {
    return (this.#current.max_age ?? Number.POSITIVE_INFINITY) / segmentsPerAge
  }

  #choose(): Sizes {
    const { max_size: limit, segment_size: segment } = this.#current
    return chooseSizes(resolveLimit(limit, this.#volume), segment)
  }
}

class LiveSizes implements Sizes {
  readonly #now: () => Sizes

  constructor(now: () => Sizes) {
    this.#now = now
  }

  get max(): number {
    return this.#now().max
  }

  get reserved(): number {
    return this.#now().reserved
  }

  get first(): number {
    return this.#now().first
  }

  get reserve(): number {
    return this.#now().reserve
  }

  get least(): number {
    return this.#now().least
  }

  after(size: number): number {
    return this.#now().after(size)
  }

  holding(bytes: number): number {
    return this.#now().holding(bytes)
  }
}
