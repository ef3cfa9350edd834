/** Options that all sinks share which speak over a network. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'

/** A base for requests: no user, password or fragment. */
export const httpUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'an http:// or https:// URL', abort: true })
    .refine((text) => {
      const { username, password } = new URL(text)
      return username === '' && password === ''
    }, 'a URL without user and password: they belong in its auth options')
    .refine((text) => new URL(text).hash === '', 'a URL without a fragment')

/**
 * A secret: its text, or where it is read from, again and again. `pattern`, `words`: what it must look like.
 * The text itself can come from `${file:/path}` or `${VARIABLE}`, and is then read once, at the start.
 */
export const secret = (pattern: RegExp = /^[^\p{Cc}]+$/u, words = 'a secret on one line') =>
  z.union(
    [z.string().regex(pattern, words), ...secretSources()],
    `${words}, or { file: … }, or { command: […] }`,
  )

/** Where a secret is read from. */
export const secretSources = () =>
  [
    z.strictObject({
      file: z.string().min(1).describe('Read at the start, when it changes, and after a 401'),
    }),
    z.strictObject({
      command: z
        .array(z.string().min(1))
        .min(1)
        .describe('A program and its arguments, run without a shell; what it prints is the secret'),
      refresh: durationFrom('1s', '30d')
        .prefault('1h')
        .describe('How long its output is used before it is run again; a 401 runs it at once'),
    }),
  ] as const

export type SecretConfig = z.output<ReturnType<typeof secret>>

export const tlsConfig = () =>
  z
    .strictObject({
      ca: z
        .string()
        .min(1)
        .optional()
        .describe('Certificates to trust in place of the built-in ones: PEM text, or the path of a PEM file'),
      cert: z
        .string()
        .min(1)
        .optional()
        .describe("The sink's own certificate, for destinations that want one (mTLS): PEM text, or a path"),
      key: z
        .string()
        .min(1)
        .optional()
        .describe('The private key that belongs to `cert`: PEM text, or a path'),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key, or neither')
    .optional()
    .describe('TLS; the certificate is always verified')

export type TlsConfig = z.output<ReturnType<typeof tlsConfig>>

export const proxyConfig = () =>
  z
    .union([httpUrlWithUser(), z.literal('none')], 'an http:// or https:// URL, or none')
    .optional()
    .describe(
      'Proxy for this sink; by default HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed. `none`: no proxy at all',
    )

const httpUrlWithUser = () => z.url({ protocol: /^https?$/ })

/** Where requests go: one URL, or several that share the load. */
export const endpointsConfig = (describe: string) =>
  z
    .union(
      [
        httpUrl().transform((url) => [{ url, weight: 1 }]),
        z
          .array(
            z.union([
              httpUrl().transform((url) => ({ url, weight: 1 })),
              z.strictObject({
                url: httpUrl().describe('http:// or https://'),
                weight: z.int().min(1).max(100).default(1).describe('Share of the load, beside the others'),
              }),
            ]),
          )
          .min(1)
          .max(64),
      ],
      'a URL, or a list of them',
    )
    .describe(describe)

export interface Endpoint {
  readonly url: string
  readonly weight: number
}
