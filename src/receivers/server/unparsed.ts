/** What is said of bytes that Node's parser makes no request of, or that did not become one in time. */
import { AffiantError } from '../../errors.ts'
import { largestHeaders } from './node-server.ts'

/** As Node hands it on. */
export type Unparsed = Error & { readonly code?: string; readonly reason?: unknown }

export function unparsedError({ code, reason }: Unparsed): AffiantError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AffiantError('request_timeout', 'the request took too long to arrive')
    case 'HPE_HEADER_OVERFLOW':
      return new AffiantError('headers_too_large', `path and headers are larger than ${largestHeaders} bytes`)
    case 'HPE_INVALID_EOF_STATE':
      return new AffiantError('bad_request', 'the request was cut short')
    default: {
      // The parser's own words, which quote nothing.
      const why = typeof reason === 'string' && reason !== '' ? `: ${reason}` : ''
      return new AffiantError('bad_request', `this is not HTTP/1.1${why}`)
    }
  }
}
