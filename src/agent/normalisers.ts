/** Every receiver's normaliser, as the configuration in force has it. What is under way when they change ends as it began. */
import { isDeepStrictEqual } from 'node:util'
import type { FileNews } from '../attribution/enrich/watched-file.ts'
import type { Normaliser, NormaliserSpec } from '../normalise/contract.ts'
import { createNormaliserPool, type NormaliserPool } from '../normalise/pool.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { tellOfFile, tellOfStart } from './enrichment-notes.ts'
import type { OwnLog } from './own-log.ts'

export interface NormalisersOptions {
  readonly ownLog: Pick<OwnLog, 'record'>
  readonly log: Log
  readonly metrics: Metrics
}

interface Recipe {
  readonly specs: readonly NormaliserSpec[]
  /** Threads. */
  readonly workers: number
}

/** Compiled, and not in use yet. */
export interface PreparedNormalisers {
  readonly recipe: Recipe
  readonly pool: NormaliserPool
}

export class Normalisers implements AsyncDisposable {
  readonly #options: NormalisersOptions
  #current: PreparedNormalisers | undefined
  /** Of those before. */
  #closed: Promise<unknown> = Promise.resolve()

  constructor(options: NormalisersOptions) {
    this.#options = options
  }

  /** Changes nothing yet; those in use, where they are the same. @throws AffiantError config_invalid */
  async prepare(specs: readonly NormaliserSpec[], workers: number): Promise<PreparedNormalisers> {
    const recipe = { specs, workers }
    if (this.#current && isDeepStrictEqual(this.#current.recipe, recipe)) return this.#current
    const onFile = (news: FileNews) => tellOfFile(news, this.#options)
    return { recipe, pool: await createNormaliserPool(specs, workers, { onFile }) }
  }

  /** What is normalised from here on is normalised so. */
  use(prepared: PreparedNormalisers): void {
    const before = this.#current
    if (before === prepared) return
    this.#current = prepared
    for (const file of prepared.pool.files) {
      const known = before?.pool.files.find(({ path }) => path === file.path)
      if (known?.sha256 !== file.sha256) tellOfStart(file, this.#options)
    }
    this.#closed = Promise.all([this.#closed, before?.pool.close()])
  }

  /** It is prepared, and will not be used. */
  async drop({ pool }: PreparedNormalisers): Promise<void> {
    if (pool !== this.#current?.pool) await pool.close()
  }

  of(receiver: string): Normaliser {
    return {
      lines: (chunk) => this.#normaliser(receiver).lines(chunk),
      records: (chunk) => this.#normaliser(receiver).records(chunk),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#closed, this.#current?.pool.close()])
  }

  #normaliser(receiver: string): Normaliser {
    if (this.#current === undefined) throw new Error('no normaliser has been prepared')
    return this.#current.pool.normaliser(receiver)
  }
}
