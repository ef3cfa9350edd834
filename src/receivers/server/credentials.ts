/** Which credential delivered a request: a bearer token, a user's password, or a certificate by its name. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { AffiantError } from '../../errors.ts'
import type { AuthConfig } from './entitled.ts'
import { Passwords } from './passwords.ts'

export interface Credentials {
  /**
   * The id of the token, or the user, in an Authorization header; where it shows neither, the common name of the client's
   * certificate. `authorization` may throw `unauthenticated` where there is none to look at, and is asked only where there
   * are tokens or users. Rejects with that, or with `overloaded`.
   */
  identify(authorization: () => string | undefined, certificate: string | undefined): Promise<string>
  /** What `WWW-Authenticate` says of it. */
  readonly challenges: readonly string[]
}

/** How senders show who they are, for the stream's `affiant.stream.opened` event. */
export function authenticationOf(auth: AuthConfig | undefined, clientCa: string | undefined): string {
  const kinds = [...(auth?.bearer ? ['bearer'] : []), ...(auth?.basic ? ['basic'] : [])]
  if (clientCa !== undefined) kinds.push('certificate')
  return kinds.join(', ') || 'none'
}

/** A credential was shown, and it is nobody's. */
export class UnknownCredential extends AffiantError {
  constructor(message: string) {
    super('unauthenticated', message)
  }
}

export function createCredentials({ bearer = [], basic = [], certificate = [] }: AuthConfig): Credentials {
  const tokens = bearer.map(({ id, hash }) => ({ id, hash: Buffer.from(hash, 'hex') }))
  const [first, ...others] = basic
  const passwords = first && new Passwords([first, ...others])
  const names = new Set(certificate.map(({ name }) => name))
  return {
    challenges: [
      ...(tokens.length > 0 ? ['Bearer'] : []),
      ...(passwords ? ['Basic realm="affiant", charset="UTF-8"'] : []),
    ],
    async identify(authorization, certificateName) {
      if (tokens.length === 0 && !passwords) return ownerOfCertificate(certificateName)
      try {
        return await byHeader(authorization())
      } catch (thrown) {
        // Who shows a token that is nobody's is not taken for who his certificate says.
        const isMissing = thrown instanceof AffiantError && thrown.code === 'unauthenticated'
        if (!isMissing || thrown instanceof UnknownCredential) throw thrown
        if (certificateName !== undefined && names.has(certificateName)) return certificateName
        throw thrown
      }
    },
  }

  async function byHeader(authorization = ''): Promise<string> {
    const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? []
    if (tokens.length > 0 && /^bearer$/i.test(scheme)) return ownerOf(value)
    if (passwords && /^basic$/i.test(scheme)) {
      const [user, password] = pairIn(value)
      if (await passwords.areRight(user, password)) return user
      throw new UnknownCredential('user name or password is wrong')
    }
    throw missing(tokens.length > 0, passwords !== undefined)
  }

  function ownerOfCertificate(name: string | undefined): string {
    if (name === undefined) {
      throw new AffiantError('unauthenticated', 'a client certificate with a common name is required')
    }
    if (names.has(name)) return name
    throw new UnknownCredential(`the name of the client certificate is not known: ${name.slice(0, 128)}`)
  }

  function ownerOf(token: string): string {
    const hash = createHash('sha256').update(token).digest()
    // All are compared, each in constant time: how long it takes says nothing about any of them.
    let found: string | undefined
    for (const candidate of tokens) if (timingSafeEqual(candidate.hash, hash)) found ??= candidate.id
    if (found === undefined) throw new UnknownCredential('the bearer token is not known')
    return found
  }
}

function missing(token: boolean, password: boolean): AffiantError {
  const kinds = [
    ...(token ? [['a bearer token', '"Authorization: Bearer <token>"']] : []),
    ...(password ? [['a user name with its password', 'them by basic authentication']] : []),
  ]
  const [what, how] = [0, 1].map((index) => kinds.map((kind) => kind[index]).join(' or '))
  return new AffiantError('unauthenticated', `${what} is required`, { hint: `send ${how}` })
}

/** RFC 7617: a user name has no colon. */
function pairIn(encoded: string): [user: string, password: string] {
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) throw new UnknownCredential('the basic credentials are no user name and password')
  return [pair.slice(0, colon), pair.slice(colon + 1)]
}
