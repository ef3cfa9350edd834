/** How far something is that has a number of events to do. */

import { figure } from '../figure.ts'
import { LiveLine, type LiveLineOptions, printable } from './live-line.ts'

export interface ProgressOptions extends Pick<LiveLineOptions, 'stream' | 'onlyOnTerminal'> {
  readonly title: string
  readonly now?: () => number
}

export class Progress {
  readonly #title: string
  readonly #line: LiveLine
  readonly #now: () => number
  #started = 0
  #total = 0

  constructor({ title, now = () => performance.now(), ...options }: ProgressOptions) {
    this.#title = title
    this.#now = now
    this.#line = new LiveLine({ ...options, now })
  }

  /** `total`: events there are to do. */
  begin(total: number): void {
    this.#started = this.#now()
    this.#total = total
    this.#line.begin()
    this.show(0, null)
  }

  /** `waiting`: why it does not go on. */
  show(done: number, waiting: string | null): void {
    this.#line.show(() => this.#text(done, waiting))
  }

  /** Leaves the line to others. */
  end(): void {
    this.#line.end()
  }

  #text(done: number, waiting: string | null): string {
    const seconds = (this.#now() - this.#started) / 1000
    const rate = seconds > 0 ? Math.round(done / seconds) : 0
    const share = this.#total === 0 ? 100 : Math.floor((100 * done) / this.#total)
    const pace = waiting === null ? `${figure(rate)}/s` : `waits: ${printable(waiting)}`
    return `${this.#title}: ${figure(done)} of ${figure(this.#total)} events (${share} %), ${pace}`
  }
}
