/** Keys that are replaced while the agent runs: a producer's certificate is renewed, a secret rotated. */
import type { Clock } from '../../../clock.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { Metrics } from '../../../telemetry/metrics.ts'
import type { Notify } from '../../server/notice.ts'
import { lookEvery, ReplacedFiles } from '../../server/replaced-files.ts'
import { ProofKeys } from './keys.ts'
import type { KeyConfig } from './keys-config.ts'

export interface WatchedKeysOptions {
  readonly receiver: string
  readonly keys: readonly KeyConfig[]
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
}

export class WatchedKeys {
  readonly #options: WatchedKeysOptions
  readonly #files: ReplacedFiles<ProofKeys>

  private constructor(options: WatchedKeysOptions, files: ReplacedFiles<ProofKeys>) {
    this.#options = options
    this.#files = files
  }

  /** Rejects with `config_unreadable` or `config_invalid`, naming key and file. */
  static async open(options: WatchedKeysOptions): Promise<WatchedKeys> {
    const { keys, receiver } = options
    const files = await ReplacedFiles.open({
      paths: keys.flatMap(({ pem, jwk, secret }) => pem ?? jwk ?? secret ?? []),
      load: () => ProofKeys.read(keys, `receivers.${receiver}.keys`),
      isSame: (a, b) => a.changedSince(b).length === 0,
    })
    return new WatchedKeys(options, files)
  }

  /** Those that proofs are checked with now. */
  get current(): ProofKeys {
    return this.#files.value
  }

  /** Until `stopping` aborts. */
  async watch(stopping: AbortSignal): Promise<void> {
    const { receiver, keys, log, metrics, clock, notify } = this.#options
    while (keys.length > 0 && !stopping.aborted) {
      await clock.sleep(lookEvery, stopping).catch(() => {})
      const news = stopping.aborted ? undefined : await this.#files.look()
      if (news === undefined) continue
      if ('value' in news) {
        const changed = news.value.changedSince(news.before)
        log.info({ keys: changed }, 'checks signatures with keys that were replaced')
        notify({ kind: 'keys_loaded', receiver, keys: changed })
      } else {
        log.error({ reason: news.problem }, 'keeps its keys: the new ones cannot be used')
        notify({ kind: 'keys_refused', receiver, reason: news.problem })
      }
      metrics.auditKeyLoads.inc({ receiver, result: 'value' in news ? 'loaded' : 'refused' })
    }
  }
}
