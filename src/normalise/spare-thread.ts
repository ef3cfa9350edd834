/**
 * A thread for chunks that would hold up the main one for long: a record of many megabytes, which is read in one piece. It starts
 * with the first of them, and ends when there was none for a while: most agents never have one.
 */
import type { AffiantError } from '../errors.ts'
import type { ReceivedRecord } from '../event/record.ts'
import type { NormaliserSpec } from './contract.ts'
import { NormaliserThread, type Pending, type Task } from './normaliser-thread.ts'

/** Bytes, or characters. Chunks of many records end at half of that: one that has more has a large record. */
const large = 2 * 1024 * 1024
/** Whether it is known to take long, as far as that is seen without reading it. */
export function isLarge(task: Task): boolean {
  if ('lines' in task) return task.lines.bytes.length >= large
  let size = 0
  for (const record of task.records.records) size += sizeOf(record)
  return size >= large
}

function sizeOf(record: ReceivedRecord): number {
  if ('text' in record) return record.text.length
  return 'value' in record ? (record.size ?? 0) : 0
}

export interface SpareThreadOptions {
  readonly specs: readonly NormaliserSpec[]
  /** Does what a thread leaves that died. */
  readonly runInline: (pending: Pending) => void
  /** Milliseconds without a chunk after which the thread ends. @default 30_000 */
  readonly keptFor?: number
  /** Told of a thread that died; the next large chunk has another. */
  readonly onCrash?: ((error: AffiantError) => void) | undefined
}

export class SpareThread {
  readonly #options: SpareThreadOptions
  #thread: NormaliserThread | undefined
  #leaving: NodeJS.Timeout | undefined

  constructor(options: SpareThreadOptions) {
    this.#options = options
  }

  /** Whether there is a thread at the moment. */
  get isRunning(): boolean {
    return this.#thread !== undefined
  }

  run(pending: Pending): void {
    clearTimeout(this.#leaving)
    this.#thread ??= this.#start()
    this.#thread.run(pending)
  }

  async end(): Promise<void> {
    clearTimeout(this.#leaving)
    const thread = this.#thread
    this.#thread = undefined
    await thread?.end()
  }

  #start(): NormaliserThread {
    const { specs, runInline, onCrash } = this.#options
    return new NormaliserThread(specs, {
      answered: () => this.#rest(),
      ended: (thread, error, left) => {
        for (const each of left) runInline(each)
        if (this.#thread !== thread) return
        this.#thread = undefined
        onCrash?.(error)
      },
    })
  }

  #rest(): void {
    clearTimeout(this.#leaving)
    this.#leaving = setTimeout(() => {
      if (this.#thread?.load === 0) void this.end()
    }, this.#options.keptFor ?? 30_000)
    this.#leaving.unref()
  }
}
