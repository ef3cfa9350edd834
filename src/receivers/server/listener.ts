/** A server's life: it listens, and when it stops, what is being answered is answered first. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import { AffiantError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { TlsConfig } from './config.ts'
import { type Exposure, openToStrangers, shownAddress } from './exposure.ts'
import { listenError } from './listen-error.ts'
import type { Notify } from './notice.ts'
import { lookEvery, type ReplacedFiles } from './replaced-files.ts'
import type { TlsFiles } from './tls-files.ts'
import { type ServedTls, watchedTls } from './tls-watch.ts'

/** What a protocol's server must be able to do. */
export interface Server {
  /** Resolves with the port. */
  listen(address: Address): Promise<number>
  /** Certificates that changed, where it serves over TLS: they count from the next connection on. */
  renew(files: TlsFiles): void
  /** Takes nothing new, and resolves when all connections have ended. */
  close(): Promise<void>
  /** Ends the connections that are left. */
  destroy(): void
}

export interface ListenerOptions {
  readonly receiver: string
  readonly listen: Address
  readonly tls: TlsConfig | undefined
  /** Whether a credential is asked for. */
  readonly authenticates: boolean
  /** Whether it may be reached by others without asking who they are. */
  readonly insecure: boolean
  /** What could be set to ask who sends, where that is not `auth` or `tls.client_ca`. */
  readonly remedies?: Exposure['remedies']
  /** Where `listen` and `tls` stand in the receiver's configuration, for errors: `http`; absent where that is all of it. */
  readonly section?: string
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
  /** `stopping` is aborted when the receiver stops: connections are then closed after their answer. */
  open(tls: TlsFiles | undefined, stopping: AbortSignal): Server
}

export class Listener {
  /** Where it listens: as configured, with the port that the system chose for 0 once it has started. */
  address: Address
  private readonly options: ListenerOptions
  private readonly stopping = new AbortController()
  private server: Server | undefined
  private stopped: Promise<void> | undefined
  private renewing: Promise<void> | undefined

  constructor(options: ListenerOptions) {
    this.options = options
    this.address = options.listen
  }

  /** Rejects with `address_in_use`, `config_unreadable` or `config_invalid`. */
  async start(): Promise<void> {
    const { receiver, listen, tls } = this.options
    const place = `receivers.${receiver}`
    this.refuseStrangers()
    try {
      const watched = tls && (await watchedTls(tls, `${place}.${this.key('tls')}`))
      this.server = this.options.open(watched?.value.files, this.stopping.signal)
      const port = await this.server.listen(listen)
      this.address = { host: listen.host, port }
      if (watched) this.renewing = this.renew(watched, this.server)
    } catch (thrown) {
      await this.server?.close()
      throw listenError(
        {
          who: `receiver ${receiver}`,
          listen,
          setting: `${place}.${this.key('listen')}`,
          tls: `${place}.${this.key('tls')}`,
        },
        thrown,
      )
    }
  }

  /** Idempotent. */
  stop(): Promise<void> {
    this.stopped ??= this.close()
    return this.stopped
  }

  private async close(): Promise<void> {
    this.stopping.abort(new AffiantError('overloaded', 'the receiver is stopping'))
    const { server } = this
    await this.renewing
    if (!server) return
    const answered = new AbortController()
    // Who has not sent the rest of a request, or read an answer, by then has had its time.
    const late = this.options.clock.sleep(drainTimeout, answered.signal).then(
      () => server.destroy(),
      () => {},
    )
    await server.close()
    answered.abort()
    await late
  }

  /** Until it stops. */
  private async renew(watched: ReplacedFiles<ServedTls>, server: Server): Promise<void> {
    const { receiver, log, metrics, clock, notify } = this.options
    const at = { receiver, listen: shownAddress(this.address) }
    const stopped = () => this.stopping.signal.aborted
    while (!stopped()) {
      await clock.sleep(lookEvery, this.stopping.signal).catch(() => {})
      const news = stopped() ? undefined : await watched.look()
      if (news === undefined) continue
      if ('value' in news) {
        const { files, certificate } = news.value
        server.renew(files)
        log.info({ listen: at.listen, ...certificate }, 'serves certificates that were replaced')
        notify({ kind: 'certificate_loaded', ...at, certificate })
      } else {
        const reason = news.problem
        log.error({ listen: at.listen, reason }, 'keeps its certificates: the new ones cannot be used')
        notify({ kind: 'certificate_refused', ...at, reason })
      }
      metrics.certificateLoads.inc({ receiver, result: 'value' in news ? 'loaded' : 'refused' })
    }
  }

  /** Where a key of the listener's is in the receiver's configuration. */
  private key(name: string): string {
    const { section } = this.options
    return section === undefined ? name : `${section}.${name}`
  }

  /** Also for who starts a receiver without having had its configuration checked. */
  private refuseStrangers(): void {
    const { receiver, authenticates, tls, listen, insecure, remedies, log } = this.options
    const problem = openToStrangers({
      listen,
      authenticates: authenticates || tls?.client_ca !== undefined,
      prefix: this.key(''),
      ...(remedies && { remedies }),
    })
    if (problem === undefined) return
    if (!insecure) throw new AffiantError('config_invalid', `receiver ${receiver}: ${problem}`)
    log.warn({ listen: shownAddress(listen) }, 'anybody who reaches this address can write audit records')
  }
}

const drainTimeout = 10_000
