/** Whether strangers could write audit records: an address that others reach, and nobody asked who they are. */
import type { Address } from '../../config/values.ts'

/** One address of a receiver, as it is configured. */
export interface Exposure {
  readonly listen: Address
  /** Who sends is asked for a credential, or a client certificate. */
  readonly authenticates: boolean
  /** Where the listener's members stand in the receiver's configuration: `http.`, or nothing. */
  readonly prefix: string
  /** What could be set to ask them; of its members those that its protocol has. */
  readonly remedies?: readonly ('auth' | 'tls.client_ca')[]
}

const allRemedies = ['auth', 'tls.client_ca'] as const

/** What is wrong with it, and what to do; undefined where nobody unknown can send. */
export function openToStrangers({
  listen,
  authenticates,
  prefix,
  remedies = allRemedies,
}: Exposure): string | undefined {
  if (authenticates || isLoopback(listen.host)) return undefined
  const settings = remedies.map((key) => (key === 'auth' ? '`auth`' : `\`${prefix}${key}\``))
  const set = settings.length === 0 ? '' : `set ${settings.join(' or ')}, or `
  return `anybody who reaches ${shownAddress(listen)} could write audit records: ${set}say \`${prefix}insecure: true\` where that is meant`
}

export const shownAddress = ({ host, port }: Address) =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host)
