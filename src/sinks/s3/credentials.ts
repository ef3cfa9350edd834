/** With which keys the sink signs: those of its options, read again and again, or what the SDK's chain finds. */
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import type { Concealed } from '../transport/conceal.ts'
import { openSecret, type Secret } from '../transport/secret.ts'
import type { S3SinkConfig } from './config.ts'

/** The SDK asks again when credentials end within five minutes: so, with each request. Milliseconds. */
const SHORT = 60_000

export interface Credentials {
  /** For a new client; nothing where the SDK's chain is to look. */
  readonly options: Pick<S3ClientConfig, 'credentials' | 'profile'>
  /** The server did not take them: they are read anew. */
  distrust(): void
  /** For concealing. */
  secrets(): readonly Concealed[]
}

export function openCredentials(sink: string, config: S3SinkConfig): Credentials {
  const { credentials: given, profile } = config
  if (given === undefined) {
    // The chain is asked again through a new client, which reads the shared files again only if it is told so.
    const fresh = { ignoreCache: true }
    return {
      options: { ...fresh, ...(profile !== undefined && { profile }) },
      distrust: () => undefined,
      secrets: () => [process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN],
    }
  }
  const open = (option: keyof typeof given): Secret | undefined => {
    const value = given[option]
    return value === undefined
      ? undefined
      : openSecret({ what: `sink ${sink}: credentials.${option}`, config: value })
  }
  const [access, secret, session] = [open('access_key'), open('secret_key'), open('session_token')]
  const all = [access, secret, session].filter((each) => each !== undefined)
  return {
    options: {
      credentials: async () => {
        const sessionToken = await session?.current()
        return {
          accessKeyId: (await access?.current()) ?? '',
          secretAccessKey: (await secret?.current()) ?? '',
          ...(sessionToken !== undefined && { sessionToken }),
          expiration: new Date(Date.now() + SHORT),
        }
      },
    },
    distrust: () => {
      for (const each of all) each.distrust()
    },
    secrets: () => [secret?.known, session?.known],
  }
}
