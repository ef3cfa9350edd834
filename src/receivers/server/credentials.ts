/** Bearer tokens: which credential delivered a request. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { AffiantError } from '../../errors.ts'

export interface Credentials {
  /** The id of the token in an Authorization header; throws `unauthenticated`. */
  identify(authorization: string | undefined): string
}

export function createCredentials(
  tokens: readonly { readonly id: string; readonly hash: string }[],
): Credentials {
  const known = tokens.map(({ id, hash }) => ({ id, hash: Buffer.from(hash, 'hex') }))
  return {
    identify(authorization) {
      const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
      if (token === undefined) {
        throw new AffiantError('unauthenticated', 'a bearer token is required', {
          hint: 'send "Authorization: Bearer <token>"',
        })
      }
      const hash = createHash('sha256').update(token).digest()
      // All are compared, each in constant time: how long it takes says nothing about any of them.
      let found: string | undefined
      for (const candidate of known) if (timingSafeEqual(candidate.hash, hash)) found ??= candidate.id
      if (found === undefined) throw new AffiantError('unauthenticated', 'the bearer token is not known')
      return found
    },
  }
}
