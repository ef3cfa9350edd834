/**
 * OTLP over HTTP: `POST /v1/logs`. 200 is said only after the commit. Every answer is in the request's encoding, errors too.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { AffiantError } from '../../errors.ts'
import type { HttpProtocol } from '../server/http-server.ts'
import type { IntakeStream } from '../server/intake-stream.ts'
import { bodyFormat, encodeExportResponse, encodeStatus, mediaTypes } from './answer.ts'
import { ingest } from './ingest.ts'

export function otlpOverHttp(stream: IntakeStream): HttpProtocol {
  return {
    routes: {
      '/v1/logs': async ({ peer, contentType, body }) => {
        const format = bodyFormat(contentType)
        if (format === undefined) {
          throw new AffiantError('unsupported_media_type', 'the Content-Type is not one of OTLP/HTTP', {
            hint: `use ${mediaTypes.protobuf} or ${mediaTypes.json}`,
          })
        }
        const rejected = await body((bytes) => ingest(bytes, format, stream, peer))
        return { type: mediaTypes[format], body: encodeExportResponse(rejected, format) }
      },
    },
    writeError(error, contentType) {
      const format = bodyFormat(contentType) ?? 'json'
      return { type: mediaTypes[format], body: encodeStatus(error, format) }
    },
  }
}
