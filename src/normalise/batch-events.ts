/** Puts finished events into the batch under way, where a route takes them, and counts what became of each record. */
import type { Redactor } from '../attribution/redact/redactor.ts'
import { isWithin, type ScopePath, shownScope } from '../event/scope-path.ts'
import { compileRoutes, kept, type RouteDecider } from '../routing/decide.ts'
import type { SizedPool } from '../sized-pool.ts'
import { BatchEncoder } from './batch-encoder.ts'
import type { EventDraft } from './compile/state.ts'
import type { NormaliserSpec, RejectedRecord } from './contract.ts'
import { EventWriter } from './event-writer.ts'
import { RawKept } from './raw-kept.ts'
import type { RawRecord } from './raw-record.ts'
import type { Stencilled } from './short-way.ts'

/** How an event is to be added. */
interface Added {
  /** The record as it keeps it. */
  readonly raw: RawRecord | undefined
  /** Nothing could be read of it. */
  readonly failed: boolean
  /** Writing it as it stands would not be canonical. */
  readonly unsafe: boolean
}

export class BatchEvents {
  readonly writer: EventWriter
  readonly #routes: RouteDecider
  readonly #routeCount: number
  readonly #rawKept: RawKept
  /** What the record under way lacks, as far as that is known. */
  #lacking: readonly string[] | undefined
  /** The scopes that events may have; undefined: any. */
  #allowed: readonly ScopePath[] | undefined
  /** What the record under way has instead. */
  #outside: string | undefined

  /** `pool`: of the writer. */
  constructor({ routes, receiver }: NormaliserSpec, redactor: Redactor, pool?: SizedPool) {
    this.writer = new EventWriter(pool)
    this.#routes = compileRoutes(routes, receiver)
    this.#routeCount = routes.length
    this.#rawKept = new RawKept(redactor)
  }

  /** Whether every event has the same route bits, and stays. */
  get routesAreConstant(): boolean {
    return this.#routes.constant?.dropped === kept
  }

  begin(): BatchEncoder {
    return new BatchEncoder(this.writer, this.#routes.words, this.#routeCount)
  }

  /** Of the chunk that comes next. */
  allow(scopes: readonly ScopePath[] | undefined): void {
    this.#allowed = scopes
  }

  /** Counts only once nothing can throw. */
  add(batch: BatchEncoder, event: EventDraft, { raw, failed, unsafe }: Added): void {
    if (this.#allowed !== undefined && !isWithin(event.scope, this.#allowed)) {
      this.#outside ??= shownScope(event.scope)
    }
    const routes = this.#routes
    const dropped =
      routes.constant === undefined ? routes.decide(event, batch.bits, 0) : this.#constantRoute(batch)
    if (dropped !== kept) {
      batch.records++
      batch.dropped[dropped] = (batch.dropped[dropped] ?? 0) + 1
      return
    }
    batch.add(event, unsafe)
    if (raw?.data !== undefined) this.#rawKept.add(batch.count - 1, raw.data, failed)
    batch.records++
    if (failed) batch.unparsed++
    if (event.attribution?.complete === false) {
      batch.incomplete++
      this.#lacking ??= event.attribution.missing
    }
  }

  /** Counts an event that a stencil has written. */
  addStencilled(batch: BatchEncoder, { from, incomplete }: Stencilled): void {
    this.#constantRoute(batch)
    batch.addWritten(from)
    batch.records++
    if (incomplete) batch.incomplete++
  }

  /** Counts what is to have no event. */
  skip(batch: BatchEncoder): void {
    batch.records++
    batch.skipped++
  }

  /**
   * Nothing of what `add` adds stays in the batch where an event of it has a scope that is not allowed, or, with `complete`,
   * lacks something: returns what is wrong.
   */
  addOrReject(
    batch: BatchEncoder,
    add: () => void,
    complete: boolean,
  ): Omit<RejectedRecord, 'index'> | undefined {
    this.#forget()
    const takeOut = batch.mark()
    add()
    const wrong = this.#wrong(complete)
    if (wrong === undefined) return undefined
    takeOut()
    batch.records++
    return wrong
  }

  #wrong(complete: boolean): Omit<RejectedRecord, 'index'> | undefined {
    if (this.#outside !== undefined) return { missing: [], scope: this.#outside }
    return complete && this.#lacking !== undefined ? { missing: this.#lacking } : undefined
  }

  /** Behind all events of a line: now the records that they keep are put into the batch. */
  endLine(batch: BatchEncoder): void {
    this.#rawKept.flush(batch)
  }

  #forget(): void {
    this.#lacking = undefined
    this.#outside = undefined
  }

  #constantRoute(batch: BatchEncoder): number {
    const { constant } = this.#routes
    batch.bits.set(constant!.bits)
    return constant!.dropped
  }
}
