/** The `syslog` receiver: over TCP, TLS and UDP. It frames messages; what they say is read by their preset's decoder. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import { shownAddress } from '../server/exposure.ts'
import { IntakeStream } from '../server/intake-stream.ts'
import { Listener, type Server } from '../server/listener.ts'
import type { Notify } from '../server/notice.ts'
import type { Refusal } from '../server/refusals.ts'
import { peerAddress } from '../server/socket-peer.ts'
import type { TlsFiles } from '../server/tls-files.ts'
import { Commits } from './commits.ts'
import { heldByConnections, type SyslogReceiverConfig, type TcpConfig, type UdpConfig } from './config.ts'
import { Losses } from './losses.ts'
import { createTcpServer } from './tcp-server.ts'
import { createUdpServer } from './udp-server.ts'

export interface SyslogReceiverOptions {
  readonly name: string
  readonly config: SyslogReceiverConfig
  readonly intake: Intake
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
}

export interface SyslogReceiver extends Receiver {
  /** Where it listens: the configured addresses, with the ports that the system chose for 0 once it has started. */
  readonly addresses: { readonly tcp?: Address; readonly udp?: Address }
}

type Transport = 'tcp' | 'udp'

/** What a server of one transport is made of. */
interface Opened {
  readonly tls: TlsFiles | undefined
  readonly stopping: AbortSignal
  readonly commits: Commits
  readonly losses: Losses
}

export function createSyslogReceiver(options: SyslogReceiverOptions): SyslogReceiver {
  const { name, config, intake, metrics, clock, notify } = options
  const log = options.log.child({ receiver: name })
  const maxMessage = config.max_message
  const maxHeld = heldByConnections(config)

  const { tcp: tcpConfig, udp: udpConfig } = config
  const tcp =
    tcpConfig &&
    listener('tcp', tcpConfig, (opened) =>
      createTcpServer({ ...opened, config: tcpConfig, maxMessage, maxHeld, refused, log, clock }),
    )
  const udp =
    udpConfig &&
    listener('udp', udpConfig, (opened) =>
      createUdpServer({
        ...opened,
        host: udpConfig.listen.host,
        maxQueue: udpConfig.max_queue,
        maxMessage,
        log,
      }),
    )
  const listeners = [tcp, udp].filter((one) => one !== undefined)

  return {
    name,
    get addresses() {
      return { ...(tcp && { tcp: tcp.address }), ...(udp && { udp: udp.address }) }
    },
    // A server has no end to catch up with.
    caughtUp: new Promise(() => {}),
    describe: () => ({
      verb: 'listens',
      what: [
        tcp && `${shownAddress(tcp.address)} syslog over ${tcpConfig?.tls ? 'TLS' : 'TCP'}`,
        udp && `${shownAddress(udp.address)} syslog over UDP`,
      ]
        .filter((one) => one !== undefined)
        .join(', '),
    }),
    async start() {
      for (const one of listeners) await one.start()
    },
    async stop() {
      await Promise.all(listeners.map((one) => one.stop()))
    },
  }

  function refused({ ip, ...refusal }: Refusal): void {
    metrics.connectionsRefused.inc({ receiver: name, reason: refusal.reason })
    notify({ kind: 'refused', receiver: name, ip: ip && peerAddress(ip), ...refusal })
  }

  /** One transport's, with a stream of its own. */
  function listener(
    transport: Transport,
    config: TcpConfig | UdpConfig,
    open: (opened: Opened) => Server,
  ): Listener {
    const tls = 'tls' in config ? config.tls : undefined
    const stream = new IntakeStream({
      receiver: name,
      intake,
      clock,
      metadata: () => ({
        protocol: `syslog/${transport}`,
        listen: shownAddress(one.address),
        tls: tls !== undefined,
        authentication: tls?.client_ca ? 'certificate' : 'none',
      }),
    })
    const listen = () => shownAddress(one.address)
    const losses = new Losses({ receiver: name, listen, log, metrics, clock, notify })
    const one = new Listener({
      receiver: name,
      listen: config.listen,
      tls,
      authenticates: false,
      insecure: config.insecure,
      remedies: transport === 'tcp' ? ['tls.client_ca'] : [],
      section: transport,
      log,
      metrics,
      clock,
      notify,
      open: (files, stopping) => {
        const commits = new Commits({ receiver: name, intake, stream, stopping, losses, log, metrics, clock })
        return open({ tls: files, stopping, commits, losses })
      },
    })
    return one
  }
}
