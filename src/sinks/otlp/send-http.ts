/** Export over HTTP, in protobuf or JSON. */
import type { Outcome } from '../sink.ts'
import { type Answer, header, retryAfterOf } from '../transport/answer.ts'
import { openTransport } from '../transport/transport.ts'
import { classifyPartial, classifyStatus } from './classify.ts'
import { readPartialSuccess, readStatusMessage } from './response.ts'
import type { Exporter, ExporterOptions } from './send.ts'

/** A response is short, but for its message. Bytes. */
const KEPT = 16 * 1024

export async function openHttpExporter({
  sink,
  url,
  config,
  conceal,
  now,
}: ExporterOptions): Promise<Exporter> {
  const { timeout, tls, proxy } = config
  const transport = await openTransport({ sink, origin: url, timeout, tls, proxy })
  const { pathname, search } = new URL(url)
  const path = (pathname === '/' ? '/v1/logs' : pathname) + search
  const json = config.protocol === 'http/json'

  const headersFor = (more: Readonly<Record<string, string>>) => ({
    ...more,
    'content-type': json ? 'application/json' : 'application/x-protobuf',
    ...(config.compression === 'gzip' && { 'content-encoding': 'gzip' }),
  })

  return {
    async send(body, count, headers, signal) {
      const request = { method: 'POST', path, headers: headersFor(headers), body, keep: KEPT }
      const answer = await transport.request(request, signal)
      const { status } = answer
      if (status < 200 || status >= 300) {
        return classifyStatus(status, conceal(saidIn(answer)), retryAfterOf(answer, now()))
      }
      return classifySuccess(answer, count, conceal)
    },
    close: () => transport.close(),
  }
}

function classifySuccess(answer: Answer, count: number, conceal: (text: string) => string): Outcome {
  try {
    const json = header(answer, 'content-type')?.startsWith('application/json') ?? false
    const partial = readPartialSuccess(answer.bytes, json)
    return partial === undefined
      ? { kind: 'accepted' }
      : classifyPartial(partial, conceal(partial.message), count)
  } catch {
    // A page to log in comes with 200 as well: what is no answer of a collector is no word that it has the records.
    return {
      kind: 'held',
      reason: `HTTP ${answer.status} with a body that is no OTLP answer: ${conceal(answer.text)}`,
    }
  }
}

function saidIn(answer: Answer): string {
  const type = header(answer, 'content-type') ?? ''
  return type.startsWith('application/x-protobuf') ? (readStatusMessage(answer.bytes) ?? '') : answer.text
}
