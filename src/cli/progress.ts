/** How far something is: a line that is drawn anew on a terminal, one line each few seconds anywhere else. */

/** Milliseconds. */
const redraw = 200
const between = 5_000
/** Back to the beginning of the line, and nothing behind. */
const clear = '\r\u001b[K'

export interface ProgressOptions {
  readonly title: string
  readonly stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>
  /** Nothing where there is no terminal. @default false */
  readonly onlyOnTerminal?: boolean
  readonly now?: () => number
}

export class Progress {
  readonly #options: ProgressOptions
  readonly #now: () => number
  #started = 0
  #total = 0
  #drawn = Number.NEGATIVE_INFINITY
  #open = false

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** `total`: events there are to do. */
  begin(total: number): void {
    this.#started = this.#now()
    this.#total = total
    // Where lines stay, what is over at once needs none.
    if (!this.#options.stream.isTTY) this.#drawn = this.#started
    this.show(0, null)
  }

  /** `waiting`: why it does not go on. */
  show(done: number, waiting: string | null): void {
    const { stream, onlyOnTerminal = false } = this.#options
    const now = this.#now()
    if (!stream.isTTY && onlyOnTerminal) return
    if (now - this.#drawn < (stream.isTTY ? redraw : between)) return
    this.#drawn = now
    const line = this.#line(done, waiting, now)
    if (stream.isTTY) {
      this.#open = true
      stream.write(clear + line.slice(0, Math.max(20, stream.columns - 1)))
    } else stream.write(`${line}\n`)
  }

  /** Leaves the line to others. */
  end(): void {
    if (this.#open) this.#options.stream.write(clear)
    this.#open = false
  }

  #line(done: number, waiting: string | null, now: number): string {
    const seconds = (now - this.#started) / 1000
    const rate = seconds > 0 ? Math.round(done / seconds) : 0
    const share = this.#total === 0 ? 100 : Math.floor((100 * done) / this.#total)
    const count = (value: number) => value.toLocaleString('en-US')
    const pace = waiting === null ? `${count(rate)}/s` : `waits: ${printable(waiting)}`
    return `${this.#options.title}: ${count(done)} of ${count(this.#total)} events (${share} %), ${pace}`
  }
}

/** What a destination says must not move the cursor. */
const printable = (text: string): string => text.replaceAll(/\p{C}+/gu, ' ')
