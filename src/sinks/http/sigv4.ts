/** AWS Signature Version 4, for destinations behind AWS's gateways. Loaded only where it is configured. */
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Concealed } from '../transport/conceal.ts'
import { openSecret } from '../transport/secret.ts'
import type { AuthConfig } from './auth-config.ts'

export interface UnsignedRequest {
  readonly method: string
  /** Of the URL. */
  readonly host: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface RequestSigner {
  /** The headers that sign a request. Rejects when the credentials cannot be read. */
  sign(request: UnsignedRequest): Promise<Record<string, string>>
  /** They were not taken: the next request is signed with what is read anew. */
  distrust(): void
  /** What must not be shown. */
  known(): Concealed[]
}

export function createSigV4(sink: string, config: NonNullable<AuthConfig['sigv4']>): RequestSigner {
  const open = (option: 'access_key' | 'secret_key' | 'session_token') => {
    const value = config[option]
    return value === undefined
      ? undefined
      : openSecret({ what: `sink ${sink}: auth.sigv4.${option}`, config: value })
  }
  const [accessKey, secretKey, sessionToken] = [
    open('access_key')!,
    open('secret_key')!,
    open('session_token'),
  ]
  const signer = new SignatureV4({
    region: config.region,
    service: config.service,
    sha256: Sha256,
    credentials: async () => {
      const token = await sessionToken?.current()
      return {
        accessKeyId: await accessKey.current(),
        secretAccessKey: await secretKey.current(),
        ...(token !== undefined && { sessionToken: token }),
      }
    },
  })
  const secrets = [accessKey, secretKey, ...(sessionToken ? [sessionToken] : [])]

  async function sign({ method, host, path, headers, body }: UnsignedRequest) {
    const { pathname, searchParams } = new URL(path, 'http://unused')
    const names = [...new Set(searchParams.keys())]
    const query = Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)]))
    const signed = await signer.sign({
      method,
      protocol: 'https:',
      hostname: host,
      path: pathname,
      query,
      headers: { ...headers, host },
      body,
    })
    const { host: _host, ...rest } = signed.headers
    return rest
  }

  return {
    sign,
    distrust() {
      for (const secret of secrets) secret.distrust()
    },
    known: () => secrets.map(({ known }) => known),
  }
}
