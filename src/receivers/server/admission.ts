/** Who is let in, and how much is taken at a time: one for all servers of a receiver. */
import type { Socket } from 'node:net'
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { Budget, type Lease } from './budget.ts'
import type { ServerConfig } from './config.ts'
import { type AuthConfig, entitledBy } from './entitled.ts'
import { Identities } from './identities.ts'
import type { Peer } from './intake-stream.ts'
import type { Notify } from './notice.ts'
import { RateLimit } from './rate-limit.ts'
import type { ReceiverOptions } from './receiver-options.ts'
import type { Refusal } from './refusals.ts'
import { tellRefused } from './refused.ts'

export interface AdmissionOptions {
  readonly receiver: string
  readonly config: Pick<ServerConfig, 'max_body' | 'max_in_flight'> & {
    readonly auth?: AuthConfig | undefined
  }
  /** Null while records are taken. */
  readonly pressure: () => { readonly message: string } | null
  readonly metrics: Metrics
  readonly notify: Notify
  readonly clock: Clock
}

/** The one of a receiver. */
export const admissionOf = ({
  name,
  config,
  intake,
  metrics,
  notify,
  clock,
}: ReceiverOptions<AdmissionOptions['config']>): Admission =>
  new Admission({ receiver: name, config, pressure: () => intake.pressure(), metrics, notify, clock })

export class Admission {
  /** Bytes of one body, as sent and after inflating. */
  readonly maxBody: number
  private readonly options: AdmissionOptions
  private readonly budget: Budget
  private readonly identities: Identities
  private readonly rates: ReadonlyMap<string, RateLimit>

  constructor(options: AdmissionOptions) {
    const { max_body, max_in_flight, auth } = options.config
    this.options = options
    this.maxBody = max_body
    this.budget = new Budget(max_in_flight)
    this.identities = new Identities({ ...options, auth })
    const now = options.clock.monotonic()
    this.rates = new Map(
      entitledBy(auth ?? {}).flatMap(({ id, rate }) =>
        rate === undefined ? [] : [[id, new RateLimit(id, rate, now)]],
      ),
    )
  }

  /** What `WWW-Authenticate` says where a credential is asked for. */
  get challenges(): readonly string[] {
    return this.identities.challenges
  }

  /** The sender of a request. `authorization` is the header of this name, or what the protocol makes of its own. */
  identify(authorization: () => string | undefined, socket: Socket): Promise<Peer> {
    return this.identities.identify(authorization, socket)
  }

  /** Counts a connection that was turned away. */
  refused(refusal: Refusal): void {
    tellRefused(this.options, refusal)
  }

  /**
   * Reads a body with `read`, which takes what it holds from the lease, and hands it to `use`; all is given back when that
   * has settled. Throws `journal_full`, where the body is to be committed, or `rate_limited` before anything is read.
   */
  async hold<T>(
    peer: Peer,
    read: (lease: Lease) => Promise<Buffer>,
    use: (body: Buffer) => Promise<T>,
    isCommitted: boolean,
  ): Promise<T> {
    const { receiver, metrics, pressure, clock } = this.options
    const rate = this.rates.get(peer.auth_id ?? '')
    rate?.check(clock.monotonic())
    const why = isCommitted ? pressure() : null
    if (why) throw new AffiantError('journal_full', why.message)
    const lease = this.budget.lease()
    try {
      const body = await read(lease)
      metrics.bytesRead.inc({ receiver }, body.length)
      rate?.spend(body.length)
      return await use(body)
    } finally {
      lease.release()
    }
  }
}
