/** One line about what goes on: drawn anew on a terminal, said each few seconds anywhere else. */

/** Milliseconds. */
const redraw = 200
const between = 5_000
/** Back to the beginning of the line, and nothing behind. */
const clear = '\r\u001b[K'

export interface LiveLineOptions {
  readonly stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>
  /** Nothing where there is no terminal. @default false */
  readonly onlyOnTerminal?: boolean
  readonly now: () => number
}

export class LiveLine {
  readonly #options: LiveLineOptions
  #drawn = Number.NEGATIVE_INFINITY
  #open = false

  constructor(options: LiveLineOptions) {
    this.#options = options
  }

  /** Where lines stay, what is over at once needs none. */
  begin(): void {
    if (!this.#options.stream.isTTY) this.#drawn = this.#options.now()
  }

  /** `line` is made only where it is shown. */
  show(line: () => string): void {
    const { stream, onlyOnTerminal = false, now } = this.#options
    if (!stream.isTTY && onlyOnTerminal) return
    if (now() - this.#drawn < (stream.isTTY ? redraw : between)) return
    this.#drawn = now()
    if (stream.isTTY) {
      this.#open = true
      stream.write(clear + line().slice(0, Math.max(20, stream.columns - 1)))
    } else stream.write(`${line()}\n`)
  }

  /** Leaves the line to others. */
  end(): void {
    if (this.#open) this.#options.stream.write(clear)
    this.#open = false
  }
}

/** What a destination says must not move the cursor. */
export const printable = (text: string): string => text.replaceAll(/\p{C}+/gu, ' ')
