/** One event in a block, parsed at most once, and only when somebody asks. */
import type { EventView } from '../sinks/sink.ts'

export class EventAt implements EventView {
  payload: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  #parsed: Readonly<Record<string, unknown>> | undefined

  /** Points at another event. */
  at(payload: Buffer, start: number, length: number): this {
    this.payload = payload
    this.start = start
    this.end = start + length
    this.#parsed = undefined
    return this
  }

  get event(): Readonly<Record<string, unknown>> {
    this.#parsed ??= JSON.parse(this.payload.toString('utf8', this.start, this.end)) as Readonly<
      Record<string, unknown>
    >
    return this.#parsed
  }
}
