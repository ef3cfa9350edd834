/** Who may send, and what: what every receiver that asks its senders who they are has in its configuration. */
import { z } from 'zod'
import { sizeFrom } from '../../config/values.ts'
import { parseScopePath, scopePathPattern } from '../../event/scope-path.ts'
import { type AuthConfig, entitledBy } from './entitled.ts'
import { passwordHashPattern } from './password-hash.ts'

const rate = sizeFrom('1KiB', '1TiB')
  .optional()
  .describe(
    'Bytes of bodies a second, inflated, that the credential may send on average; over it the answer is 429, or RESOURCE_EXHAUSTED, with the time to wait',
  )

const scopePath = z
  .string()
  .regex(
    scopePathPattern,
    'levels from the root, each with type and id, as in organization:acme/project:*, or none',
  )
  .transform((text) => parseScopePath(text)!)

const allowScopes = z
  .array(scopePath)
  .min(1)
  .optional()
  .describe(
    'Scopes of the records that the credential may deliver, each with all that is within: `organization:acme/project:*`; `none` for records without one. Others are not taken in. Default: any',
  )

const bearerToken = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(128)
    .describe('Name of the credential: provenance.peer.auth_id of what it delivers'),
  hash: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token in hex: printf %s "$TOKEN" | sha256sum')
    .describe('SHA-256 of the token, hex; the token itself is nowhere in the configuration'),
  rate,
  allow_scopes: allowScopes,
})

const certificateName = z
  .string()
  .min(1)
  .max(128)
  .describe("Common name of the client's certificate: provenance.peer.auth_id of what it delivers")

const areDistinct = (names: readonly string[]) => new Set(names).size === names.length

const bearerTokens = z
  .array(bearerToken)
  .min(1)
  .refine((tokens) => areDistinct(tokens.map(({ id }) => id)), 'two tokens have the same id')
  .describe('Tokens that are let in')

const basicUser = z.strictObject({
  user: z
    .string()
    .regex(/^[^:\p{Cc}]{1,128}$/u, 'a name without colons and control characters, 128 characters at most')
    .describe('Name of the user: provenance.peer.auth_id of what he delivers'),
  hash: z
    .string()
    .trim()
    .regex(
      passwordHashPattern,
      'what stands for the password: printf %s "$PASSWORD" | affiant hash --password',
    )
    .describe('The scrypt hash of the password, as `affiant hash --password` makes it'),
  rate,
  allow_scopes: allowScopes,
})

const whoMaySend =
  'Who may send; without it everybody who reaches the address, if `insecure` or `tls.client_ca` do not say otherwise'

function haveOwnNames(auth: AuthConfig): boolean {
  return areDistinct(entitledBy(auth).map(({ id }) => id))
}

const ownNames =
  'a token, a user or a certificate has the name of another: nobody could tell what each has delivered'

const namesOf = (certificates: readonly { readonly name: string }[]) => certificates.map(({ name }) => name)
const nameOnce = 'two certificates have the same name'
const whichCertificates =
  'Clients that are let in by their certificate, which `tls.client_ca` must have signed; those with another name are not'

const certificates = z
  .array(z.strictObject({ name: certificateName, rate, allow_scopes: allowScopes }))
  .min(1)
  .refine((all) => areDistinct(namesOf(all)), nameOnce)
  .optional()
  .describe(`${whichCertificates}. Beside tokens and users it counts for who shows neither`)

/** For protocols whose senders have nothing else to show. */
export const certificateAuth = z
  .strictObject({
    certificate: z
      .array(z.strictObject({ name: certificateName, allow_scopes: allowScopes }))
      .min(1)
      .refine((all) => areDistinct(namesOf(all)), nameOnce)
      .describe(whichCertificates),
  })
  .optional()
  .describe(
    'Who may send; without it everybody who reaches the address, or has a certificate of `tls.client_ca`',
  )

/** For protocols whose senders have a token and no user name. */
export const tokenAuth = z
  .strictObject({ bearer: bearerTokens.optional(), certificate: certificates })
  .refine(({ bearer, certificate }) => bearer ?? certificate, 'needs `bearer` or `certificate`')
  .refine(haveOwnNames, ownNames)
  .optional()
  .describe(whoMaySend)

/** For protocols that have everything that HTTP has. */
export const senderAuth = z
  .strictObject({
    bearer: bearerTokens.optional(),
    basic: z
      .array(basicUser)
      .min(1)
      .refine((users) => areDistinct(users.map(({ user }) => user)), 'two users have the same name')
      .optional()
      .describe('Users that are let in with their password, by HTTP basic authentication'),
    certificate: certificates,
  })
  .refine(
    ({ bearer, basic, certificate }) => bearer ?? basic ?? certificate,
    'needs `bearer`, `basic` or `certificate`',
  )
  .refine(haveOwnNames, ownNames)
  .optional()
  .describe(whoMaySend)

/** For the refinement of receivers whose senders may be known by their certificate: each of them can show one. */
export const certificatesAreAsked = {
  check: ({ auth, ...config }: CertificatesConfig): boolean => {
    if (auth?.certificate === undefined) return true
    const listeners = 'listen' in config ? [config] : [config.http, config.grpc, config.tcp]
    const asks = listeners.flatMap((one) => (one ? [one.tls?.client_ca !== undefined] : []))
    // Beside tokens and users, some listeners may be for these alone.
    return (
      asks.includes(true) && (!asks.includes(false) || auth.bearer !== undefined || auth.basic !== undefined)
    )
  },
  path: ['auth', 'certificate'],
  message: 'needs `tls.client_ca`: nobody is asked for a certificate without it',
}

interface Asking {
  readonly tls?: { readonly client_ca?: unknown } | undefined
}

interface CertificatesConfig extends Asking {
  readonly auth?: AuthConfig | undefined
  readonly listen?: unknown
  readonly http?: Asking | undefined
  readonly grpc?: Asking | undefined
  readonly tcp?: Asking | undefined
}
