/** What every receiver that listens over HTTP has in its configuration. */
import { z } from 'zod'
import { durationFrom, size, sizeFrom } from '../../config/values.ts'
import { parseScopePath, scopePathPattern } from '../../event/scope-path.ts'
import { passwordHashPattern } from './password-hash.ts'

const tls = z.strictObject({
  cert: z.string().min(1).describe('PEM file with the certificate chain'),
  key: z.string().min(1).describe('PEM file with the private key'),
  client_ca: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file; when given, only clients with a certificate signed by it are let in (mTLS)'),
})

/** Members of a listener, beside its address. */
export const listenerConfig = {
  tls: tls.optional().describe('Serve over TLS (1.2 or later) with these files'),
  insecure: z
    .boolean()
    .default(false)
    .describe(
      'Listen where others reach it without asking who they are, that is without `auth` and `tls.client_ca`; otherwise only a loopback address is listened on so',
    ),
  timeout: durationFrom('10ms', '1h')
    .prefault('60s')
    .describe('A request, headers and body, must have arrived within this time'),
  max_connections: z.int().min(1).default(1024).describe('Connections at a time; more are turned away'),
}

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

/** For protocols whose senders have a token and no user name. */
export const tokenAuth = z.strictObject({ bearer: bearerTokens }).optional().describe(whoMaySend)

/** How much a receiver takes, and from whom. */
export const serverConfig = {
  max_body: sizeFrom('1KiB', '256MiB')
    .prefault('64MiB')
    .describe('A request body, as sent and after inflating; a larger one is answered with 413'),
  max_in_flight: size()
    .prefault('128MiB')
    .describe('Bytes of bodies held at a time, compressed and inflated; over it the answer is 503'),
  auth: z
    .strictObject({
      bearer: bearerTokens.optional(),
      basic: z
        .array(basicUser)
        .min(1)
        .refine((users) => areDistinct(users.map(({ user }) => user)), 'two users have the same name')
        .optional()
        .describe('Users that are let in with their password, by HTTP basic authentication'),
    })
    .refine(({ bearer, basic }) => bearer !== undefined || basic !== undefined, 'needs `bearer` or `basic`')
    .refine(
      ({ bearer = [], basic = [] }) =>
        areDistinct([...bearer.map(({ id }) => id), ...basic.map(({ user }) => user)]),
      'a token has the name of a user: nobody could tell what each has delivered',
    )
    .optional()
    .describe(whoMaySend),
}

export type ListenerConfig = z.infer<z.ZodObject<typeof listenerConfig>>
export type TlsConfig = NonNullable<ListenerConfig['tls']>
export type ServerConfig = z.infer<z.ZodObject<typeof serverConfig>>

/** For the refinement that each receiver's schema carries. */
export const roomForInflating = {
  check: (config: { readonly max_body: number; readonly max_in_flight: number }) =>
    config.max_in_flight >= 2 * config.max_body,
  path: ['max_in_flight'],
  message: 'must be at least twice max_body: a body is held compressed and inflated',
}
