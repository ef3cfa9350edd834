/**
 * Requests to an API server, each over a connection of its own: there are few. Token and authority are read from their
 * files for each of them, since kubelet renews the one every hour, and clusters the other now and then.
 */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { asError } from '../../../errors.ts'
import { http } from '../../../node-http.ts'
import { ApiFault, faultOf } from './api-fault.ts'

export interface ApiServerOptions {
  readonly url: string
  /** File with the bearer token; undefined to send none. */
  readonly token: string | undefined
  /** File with the certificates (PEM) of who may have signed the server's; undefined for those that the system trusts. */
  readonly ca: string | undefined
}

/** Milliseconds until an answer begins, and between two pieces of a list. */
const patience = 30_000
/** Bytes of a body that says what is wrong. */
const mostOfFault = 64 * 1024
/** Bytes of one page of a list. */
const mostOfBody = 64 * 1024 * 1024
const keepAliveAfter = 30_000

export class ApiServer {
  readonly #options: ApiServerOptions

  constructor(options: ApiServerOptions) {
    this.#options = options
  }

  /** A whole answer. @throws ApiFault; an ordinary error where there is no answer */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.open(path, patience, signal)
    return JSON.parse((await bodyOf(response, mostOfBody)).toString())
  }

  /**
   * An answer whose body is read as it comes. The connection is cut when nothing comes for `quiet` milliseconds, and when
   * the signal aborts.
   *
   * @throws ApiFault for a status other than 200; an ordinary error where there is no answer
   */
  async open(path: string, quiet: number, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, token, ca } = this.#options
    const [bearer, authority] = await Promise.all([read(token, 'token'), read(ca, 'ca')])
    const response = await send(new URL(path, url), { bearer: bearer?.trim(), authority, quiet, signal })
    const { statusCode = 0 } = response
    if (statusCode === 200) return response
    const body = await bodyOf(response, mostOfFault).catch(() => Buffer.alloc(0))
    throw faultOf(statusCode, parsed(body), secondsOf(response.headers['retry-after']))
  }
}

interface Sending {
  readonly bearer: string | undefined
  readonly authority: string | undefined
  readonly quiet: number
  readonly signal: AbortSignal
}

function send(url: URL, { bearer, authority, quiet, signal }: Sending): Promise<IncomingMessage> {
  const headers = {
    accept: 'application/json',
    'user-agent': 'affiant',
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  }
  const options = { headers, signal, agent: false as const }
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(authority === undefined ? {} : { ca: authority }) })
        : http.request(url, options)
    request.setTimeout(patience, () => request.destroy(new Error(`no answer within ${patience / 1_000} s`)))
    request.on('error', reject)
    request.on('response', (response) => {
      request.setTimeout(0)
      response.socket.setKeepAlive(true, keepAliveAfter)
      response.setTimeout(quiet, () => response.destroy(new Error(`nothing came for ${quiet / 1_000} s`)))
      resolve(response)
    })
    request.end()
  })
}

async function read(path: string | undefined, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new ApiFault('refused', `api.${what}: ${asError(error).message}`)
  }
}

async function bodyOf(response: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) throw new Error(`an answer of more than ${most} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Milliseconds. */
function secondsOf(header: string | undefined): number {
  const seconds = Number(header ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0
}
