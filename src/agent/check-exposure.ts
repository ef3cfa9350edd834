/** An address that strangers reach, where anybody may send: only where that was said, never by oversight. */
import type { Finding, Path } from '../config/problem.ts'
import type { Address } from '../config/values.ts'
import { type Exposure, openToStrangers } from '../receivers/server/exposure.ts'

/** Who may send to an address. */
export interface Guard {
  /** Who sends is asked for a credential, or a client certificate. */
  readonly authenticates: boolean
  /** It was said that nobody need be. */
  readonly insecure: boolean
  /** What could be set to ask, where that is not `auth` or `tls.client_ca`. */
  readonly remedies?: Exposure['remedies']
}

/** What a listener says, and what its receiver says for all of its listeners. */
export const guardOf = (
  {
    tls,
    insecure,
  }: { readonly tls?: { readonly client_ca?: unknown } | undefined; readonly insecure: boolean },
  { auth }: { readonly auth?: object | undefined },
): Guard => ({ authenticates: auth !== undefined || tls?.client_ca !== undefined, insecure })

/** `path` is the receiver's; those of its addresses go on from there. */
export function checkExposure(
  path: Path,
  addresses: readonly (Guard & { readonly path: Path; readonly address: Address })[],
): Finding[] {
  return addresses.flatMap(({ path: at, address: listen, authenticates, insecure, remedies }): Finding[] => {
    const section = at.slice(0, -1)
    const prefix = section.map((key) => `${key}.`).join('')
    const message = insecure
      ? undefined
      : openToStrangers({ listen, authenticates, prefix, ...(remedies && { remedies }) })
    if (message === undefined) return []
    return [{ severity: 'error', path: [...path, ...at], at: 'value', message }]
  })
}
