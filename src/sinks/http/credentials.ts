/** How the sink identifies itself: secrets, read again when they change. */
import type { Concealed } from '../transport/conceal.ts'
import type { SecretConfig } from '../transport/config.ts'
import { openSecret, type Secret } from '../transport/secret.ts'
import type { HttpSinkConfig } from './config.ts'
import { openOAuth } from './oauth.ts'

export interface Credentials {
  /** Headers with secrets in them. Rejects when one cannot be read. */
  headers(): Promise<Record<string, string>>
  /** These were not taken: the next `headers` reads them anew, unless that has been done since. */
  distrust(used: Readonly<Record<string, string>>): void
  close(): Promise<void>
  /** What could be a secret, in each of the forms in which a destination can echo it. */
  known(): Concealed[]
}

export async function openCredentials(sink: string, config: HttpSinkConfig): Promise<Credentials> {
  const { auth, headers, url, tls } = config
  const open = (option: string, config: SecretConfig) =>
    openSecret({ what: `sink ${sink}: ${option}`, config })
  const parts: {
    readonly header: string
    readonly secret: Secret
    readonly write: (text: string) => string
  }[] = []
  if (auth?.bearer !== undefined) {
    // RFC 6750, section 2.1.
    const secret = open('auth.bearer', auth.bearer)
    parts.push({ header: 'authorization', secret, write: (token) => `Bearer ${token}` })
  }
  if (auth?.basic !== undefined) {
    // RFC 7617.
    const { user, password } = auth.basic
    const write = (text: string) => `Basic ${encodeBasic(user, text)}`
    parts.push({ header: 'authorization', secret: open('auth.basic.password', password), write })
  }
  const oauth = auth?.oauth2 && (await openOAuth(sink, auth.oauth2, config))
  if (oauth !== undefined) {
    parts.push({ header: 'authorization', secret: oauth, write: (token) => `Bearer ${token}` })
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') continue
    parts.push({ header: name.toLowerCase(), secret: open(`headers.${name}`, value), write: (text) => text })
  }
  // A fixed header or a query may hold a key as well.
  const fixed = [
    tls?.key,
    ...Object.values(headers).filter((value) => typeof value === 'string'),
    ...url.flatMap((endpoint) => [...new URL(endpoint.url).searchParams.values()]),
  ]
  return {
    async headers() {
      const read: Record<string, string> = {}
      for (const { header, secret, write } of parts) read[header] = write(await secret.current())
      return read
    },
    close: async () => oauth?.close(),
    distrust(used) {
      for (const { header, secret, write } of parts) {
        // Many batches meet the end of one token: one new token is enough for them.
        const [latest] = secret.known
        if (latest !== undefined && write(latest) === used[header]) secret.distrust()
      }
    },
    known() {
      const user = auth?.basic?.user ?? ''
      return [
        ...fixed,
        ...parts.map(({ secret: { known } }) => known.flatMap((text) => [text, encodeBasic(user, text)])),
      ]
    },
  }
}

const encodeBasic = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`).toString('base64')
