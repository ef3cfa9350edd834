/** Why an address cannot be listened on, with what to do about it. */
import type { Address } from '../../config/values.ts'
import { AffiantError, asError, systemCode } from '../../errors.ts'
import { shownAddress } from './exposure.ts'

export interface ListenErrorPlace {
  /** Who listens: `receiver app`. */
  readonly who: string
  readonly listen: Address
  /** Where that stands in the configuration: `receivers.app.listen`. */
  readonly setting: string
  /** Where its certificates stand. */
  readonly tls?: string
}

export function listenError({ who, listen, setting, tls }: ListenErrorPlace, thrown: unknown): AffiantError {
  if (thrown instanceof AffiantError) return thrown
  const where = shownAddress(listen)
  if (systemCode(thrown) === 'EADDRINUSE') {
    return new AffiantError('address_in_use', `${who}: another process listens on ${where}`, {
      hint: `stop it (ss -ltnp shows who it is), or change ${setting}`,
      cause: thrown,
    })
  }
  return new AffiantError('config_invalid', `${who}: ${where}: ${asError(thrown).message}`, {
    hint: `check ${[setting, ...(tls === undefined ? [] : [tls])].join(' and ')}`,
    cause: thrown,
  })
}
