/** The audit signal over HTTP: `POST /v1/audit`. 200 is said only after the commit, with receipts; never a partial success. */
import { AffiantError } from '../../../errors.ts'
import type { HttpProtocol } from '../../server/http-server.ts'
import type { Peer } from '../../server/intake-stream.ts'
import { type BodyFormat, bodyFormat, encodeStatus, mediaTypes } from '../answer.ts'
import { type AuditReceipt, encodeReceipts } from './receipt.ts'

export type Take = (
  body: Buffer,
  format: BodyFormat,
  peer: Peer,
  begin?: () => void,
) => Promise<readonly AuditReceipt[]>

export function auditOverHttp(take: Take): HttpProtocol {
  return {
    routes: {
      '/v1/audit': async ({ peer, contentType, body }) => {
        const format = bodyFormat(contentType)
        if (format === undefined) {
          throw new AffiantError('unsupported_media_type', 'the Content-Type is not one of OTLP/HTTP', {
            hint: `use ${mediaTypes.protobuf} or ${mediaTypes.json}`,
          })
        }
        const receipts = await body((bytes) => take(bytes, format, peer))
        return { type: mediaTypes[format], body: encodeReceipts(receipts, format) }
      },
    },
    writeError(error, contentType) {
      const format = bodyFormat(contentType) ?? 'json'
      return { type: mediaTypes[format], body: encodeStatus(error, format) }
    },
  }
}
