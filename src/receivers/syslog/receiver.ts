/** The `syslog` receiver: over TCP, TLS and UDP. It frames messages; what they say is read by their preset's decoder. */
import type { Address } from '../../config/values.ts'
import type { Receiver } from '../receiver.ts'
import { shownAddress } from '../server/exposure.ts'
import { Identities } from '../server/identities.ts'
import type { Listener, Server } from '../server/listener.ts'
import { listeningReceiver } from '../server/listening-receiver.ts'
import type { ReceiverOptions } from '../server/receiver-options.ts'
import { tellRefused } from '../server/refused.ts'
import { streamListener } from '../server/stream-listener.ts'
import type { TlsFiles } from '../server/tls-files.ts'
import { Commits } from './commits.ts'
import { heldByConnections, type SyslogReceiverConfig, type TcpConfig, type UdpConfig } from './config.ts'
import { Losses } from './losses.ts'
import { createTcpServer } from './tcp-server.ts'
import { createUdpServer } from './udp-server.ts'

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

export function createSyslogReceiver(options: ReceiverOptions<SyslogReceiverConfig>): SyslogReceiver {
  const { name: receiver, config, intake, metrics, clock, notify } = options
  const log = options.log.child({ receiver })
  const maxMessage = config.max_message
  const maxHeld = heldByConnections(config)
  const identities = new Identities({ receiver, auth: config.auth, metrics, notify })

  const { tcp: tcpConfig, udp: udpConfig } = config
  const tcp =
    tcpConfig &&
    listener('tcp', tcpConfig, (opened) =>
      createTcpServer({
        ...opened,
        config: tcpConfig,
        maxMessage,
        maxHeld,
        identities,
        refused: (refusal) => tellRefused({ receiver, metrics, notify }, refusal),
        log,
        clock,
      }),
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
  return {
    ...listeningReceiver(receiver, [
      tcp && { listener: tcp, shown: `syslog over ${tcpConfig?.tls ? 'TLS' : 'TCP'}` },
      udp && { listener: udp, shown: 'syslog over UDP' },
    ]),
    get addresses() {
      return { ...(tcp && { tcp: tcp.address }), ...(udp && { udp: udp.address }) }
    },
  }

  function listener(
    transport: Transport,
    config: TcpConfig | UdpConfig,
    open: (opened: Opened) => Server,
  ): Listener {
    const one = streamListener({
      receiver,
      listen: config.listen,
      tls: 'tls' in config ? config.tls : undefined,
      insecure: config.insecure,
      auth: options.config.auth,
      remedies: transport === 'tcp' ? ['tls.client_ca'] : [],
      section: transport,
      protocol: `syslog/${transport}`,
      intake,
      log,
      metrics,
      clock,
      notify,
      open: (stream, tls, stopping) => {
        const listen = () => shownAddress(one.address)
        const losses = new Losses({ receiver, listen, log, metrics, clock, notify })
        const commits = new Commits({ receiver, intake, stream, stopping, losses, log, metrics, clock })
        return open({ tls, stopping, commits, losses })
      },
    })
    return one
  }
}
