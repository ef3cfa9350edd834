/** The SDK's requests over the transport of all sinks: one notion of time limits, TLS and proxies. */
import { Readable } from 'node:stream'
import { openTransport, type Transport, type TransportOptions } from '../transport/transport.ts'

/** Answers to uploads are small documents; of objects, pieces are read. Bytes. */
const LONGEST_DOCUMENT = 64 * 1024
const LONGEST_PIECE = 4 * 1024 ** 2

/** Of the SDK's request and options, what is used here. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface SdkResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Readable
}

/** The SDK's `HttpHandler`. */
export interface RequestHandler {
  handle(
    request: SdkRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ response: SdkResponse }>
  updateHttpClientConfig(key: never, value: never): void
  httpHandlerConfigs(): Record<string, never>
  destroy(): void
  /** Of the credentials that signed last; whoever echoes it says a secret. */
  readonly sessionToken: string | undefined
  close(): Promise<void>
}

const never = new AbortController().signal

export async function openHandler(options: Omit<TransportOptions, 'origin'>): Promise<RequestHandler> {
  // A bucket has one origin; that of a plan can be another one than today's.
  const transports = new Map<string, Promise<Transport>>()
  const transportOf = (origin: string): Promise<Transport> => {
    const known = transports.get(origin)
    if (known !== undefined) return known
    const opened = openTransport({ ...options, origin })
    transports.set(origin, opened)
    return opened
  }

  let sessionToken: string | undefined
  return {
    get sessionToken() {
      return sessionToken
    },
    async handle(request, { abortSignal } = {}) {
      const transport = await transportOf(originOf(request))
      const sent = lowerCase(request.headers)
      sessionToken = sent['x-amz-security-token']
      const answer = await transport.request(
        {
          method: request.method,
          path: pathOf(request),
          headers: sent,
          body: bodyOf(request),
          keep: 'range' in sent ? LONGEST_PIECE : LONGEST_DOCUMENT,
        },
        abortSignal instanceof AbortSignal ? abortSignal : never,
      )
      const headers = Object.fromEntries(
        Object.entries(answer.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
        ),
      )
      return {
        response: { statusCode: answer.status, headers, body: Readable.from([answer.bytes]) },
      }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    // The SDK's own clean-up, for one client of several that share this.
    destroy: () => undefined,
    async close() {
      for (const transport of transports.values()) await (await transport).close()
      transports.clear()
    },
  }
}

const originOf = ({ protocol, hostname, port }: SdkRequest): string =>
  `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`

function pathOf({ path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) =>
      each === null || each === undefined || each === '' ? encode(name) : `${encode(name)}=${encode(each)}`,
    ),
  )
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

/** As the signature has it: RFC 3986, stricter than `encodeURIComponent`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

function bodyOf({ body }: SdkRequest): Buffer | string | undefined {
  const given: unknown = body
  if (given === undefined || given === null || typeof given === 'string' || Buffer.isBuffer(given)) {
    return given ?? undefined
  }
  if (given instanceof Uint8Array) return Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  throw new TypeError('a body is bytes or text')
}
