/** Where receivers listen, as their configurations say it. */
import type { Path } from '../config/problem.ts'
import type { Address } from '../config/values.ts'
import type { TlsConfig } from '../receivers/server/config.ts'
import { type Guard, guardOf } from './check-exposure.ts'
import type { ReceiverConfig } from './component-configs.ts'

export interface Listening extends Guard {
  readonly path: Path
  readonly address: Address
  /** It takes what `telemetry.logs.otlp` sends. */
  readonly otlp: boolean
  /** Absent for TCP: the two have ports of their own. */
  readonly transport?: 'udp'
  readonly tls?: TlsConfig
}

/** The addresses of a receiver, where they stand in its configuration, and what is spoken there. */
export function listening(config: ReceiverConfig | undefined): Listening[] {
  switch (config?.type) {
    case 'http':
    case 'kubernetes_audit':
    case 'splunk_hec':
      return [{ path: ['listen'], otlp: false, ...addressOf(config), ...guardOf(config, config) }]
    case 'otlp':
    case 'otlp_audit':
      return (['http', 'grpc'] as const).flatMap((section) => {
        const listener = config[section]
        if (listener === undefined) return []
        const at = {
          path: [section, 'listen'],
          ...addressOf(listener),
          otlp: config.type === 'otlp' && section === 'http',
        }
        return [{ ...at, ...guardOf(listener, config) }]
      })
    case 'syslog':
      return listeningForSyslog(config)
    default:
      return []
  }
}

function listeningForSyslog({ tcp, udp }: Extract<ReceiverConfig, { type: 'syslog' }>): Listening[] {
  const overTcp = tcp && {
    path: ['tcp', 'listen'],
    ...addressOf(tcp),
    otlp: false,
    ...guardOf(tcp, {}),
    remedies: ['tls.client_ca'] as const,
  }
  const overUdp = udp && {
    path: ['udp', 'listen'],
    ...addressOf(udp),
    otlp: false,
    transport: 'udp' as const,
    ...guardOf(udp, {}),
    remedies: [],
  }
  return [overTcp, overUdp].filter((one) => one !== undefined)
}

const addressOf = ({ listen, tls }: { readonly listen: Address; readonly tls?: TlsConfig | undefined }) => ({
  address: listen,
  ...(tls && { tls }),
})

const wildcards: readonly string[] = ['0.0.0.0', '::', '*']

/** Port 0 is never taken: the system chooses another each time. */
export const collide = (a: Address, b: Address): boolean =>
  a.port === b.port &&
  a.port !== 0 &&
  (a.host === b.host || wildcards.includes(a.host) || wildcards.includes(b.host))
