/**
 * What the collector says: Splunk's codes, each with its HTTP status and text, to the letter, since clients decide by them.
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector
 */
import { AffiantError, type ErrorCode } from '../../errors.ts'

export const hecCodes = {
  0: { status: 200, text: 'Success' },
  2: { status: 401, text: 'Token is required' },
  3: { status: 401, text: 'Invalid authorization' },
  4: { status: 403, text: 'Invalid token' },
  5: { status: 400, text: 'No data' },
  6: { status: 400, text: 'Invalid data format' },
  7: { status: 400, text: 'Incorrect index' },
  9: { status: 503, text: 'Server is busy' },
  10: { status: 400, text: 'Data channel is missing' },
  11: { status: 400, text: 'Invalid data channel' },
  12: { status: 400, text: 'Event field is required' },
  13: { status: 400, text: 'Event field cannot be blank' },
  14: { status: 400, text: 'ACK is disabled' },
  15: { status: 400, text: 'Error in handling indexed fields' },
  16: { status: 400, text: 'Query string authorization is not enabled' },
  17: { status: 200, text: 'HEC is healthy' },
  18: { status: 503, text: 'HEC is unhealthy, queues are full' },
} as const

export type HecCode = keyof typeof hecCodes

/** A refusal with a code of its own. */
export class HecError extends AffiantError {
  readonly hec: HecCode
  /** Which event of the request it is about, from 0: those before it were taken in. */
  readonly at: number | undefined

  constructor(hec: HecCode, message: string, at?: number) {
    super(errorCode(hec), message)
    this.hec = hec
    this.at = at
  }
}

/** What is wrong with how a token is shown. */
const unauthenticated: ReadonlySet<HecCode> = new Set([2, 3, 16])

const errorCode = (hec: HecCode): ErrorCode => (unauthenticated.has(hec) ? 'unauthenticated' : 'bad_request')
