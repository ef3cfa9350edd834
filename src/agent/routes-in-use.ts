/**
 * The route table in force. Route bits mean nothing under another table: a batch that was made under the one before is made
 * again when its turn comes, whatever it waited for.
 */
import type { RouteTable } from './routes.ts'

export class RoutesInUse {
  #table: RouteTable

  constructor(table: RouteTable) {
    this.#table = table
  }

  get table(): RouteTable {
    return this.#table
  }

  /** What is appended from here on refers to it. */
  use(table: RouteTable): void {
    this.#table = table
  }

  /** `make` is called at once, and again for each table that comes into force before the batch has its turn. */
  batch<Batch>(make: (table: RouteTable) => Batch | Promise<Batch>): RoutedBatch<Batch> {
    return new RoutedBatch(this, make)
  }
}

export class RoutedBatch<Batch> {
  readonly #routes: Pick<RoutesInUse, 'table'>
  readonly #make: (table: RouteTable) => Batch | Promise<Batch>
  #table: RouteTable
  #made: Promise<Batch>

  constructor(routes: Pick<RoutesInUse, 'table'>, make: (table: RouteTable) => Batch | Promise<Batch>) {
    this.#routes = routes
    this.#make = make
    this.#table = routes.table
    this.#made = this.#begin()
  }

  /** What its route bits refer to. */
  get table(): RouteTable {
    return this.#table
  }

  /** Calls `take` with the batch as the table in force has it: what `take` appends at once refers to that. */
  async inTurn<T>(take: (batch: Batch) => T): Promise<T> {
    for (;;) {
      const batch = await this.#made
      if (this.#table === this.#routes.table) return take(batch)
      this.#made = this.#begin()
    }
  }

  /** As it was made last: once it is committed, as it was committed. */
  get made(): Promise<Batch> {
    return this.#made
  }

  #begin(): Promise<Batch> {
    // What is made at once may fail at once: a failure must wait for its turn like a success.
    const made = Promise.resolve().then(() => {
      this.#table = this.#routes.table
      return this.#make(this.#table)
    })
    made.catch(() => {})
    return made
  }
}
