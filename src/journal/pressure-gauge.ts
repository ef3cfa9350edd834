/** Whether the journal takes batches, why not, and who waits until it does. */
import type { Log } from '../telemetry/log.ts'
import type { JournalPressure } from './contract.ts'
import { describeFailure, reasonOf } from './pressure.ts'
import type { Waiters } from './waiters.ts'

export class PressureGauge {
  current: JournalPressure | null = null
  readonly #log: Log
  readonly #directory: string
  readonly #room: Waiters

  constructor(options: { readonly log: Log; readonly directory: string; readonly room: Waiters }) {
    this.#log = options.log
    this.#directory = options.directory
    this.#room = options.room
  }

  /** Said once for as long as the reason stays the same. */
  press(reason: JournalPressure['reason'], message: string): void {
    if (this.current?.reason === reason) return
    this.current = { reason, message }
    this.#log.warn({ reason }, message)
  }

  /** The same reason, in figures that are others now. */
  restate(message: string): void {
    if (this.current) this.current = { ...this.current, message }
  }

  /** What an error of the file system means. */
  fail(error: unknown): void {
    this.press(reasonOf(error), describeFailure(error, this.#directory))
  }

  relieve(): void {
    if (!this.current) return
    this.#log.info({ reason: this.current.reason }, 'journal: takes batches again')
    this.current = null
    this.#room.wake()
  }
}
