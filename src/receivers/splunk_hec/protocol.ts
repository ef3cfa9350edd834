/**
 * Splunk's HTTP Event Collector: events, raw lines, acknowledgements, health. Success is said only after the commit, so that
 * an acknowledgement id is true at once.
 * https://docs.splunk.com/Documentation/Splunk/latest/RESTREF/RESTinput#services.2Fcollector
 */

import type { Answer, HttpProtocol, HttpRequest, Methods } from '../server/http-server.ts'
import type { IntakeStream, Peer } from '../server/intake-stream.ts'
import { textOf } from '../server/json-records.ts'
import { firstCharacter } from '../server/json-slices.ts'
import { takeTexts } from '../server/take-texts.ts'
import { Acks } from './acks.ts'
import { answer, errorAnswer, json } from './answer.ts'
import { bearerOf } from './authorization.ts'
import { channelOf } from './channel.ts'
import { HecError } from './codes.ts'
import { Events } from './events.ts'
import { idsIn, longestQuestion, refuseLong } from './question.ts'
import { recordsIn, sharedBy } from './raw.ts'

export interface HecOptions {
  readonly stream: IntakeStream
  readonly acknowledge: boolean
  readonly queryToken: boolean
  /** Bytes; a longer record is not read. */
  readonly maxRecord: number
  /** Null while records are taken. */
  readonly pressure: () => unknown
}

const base = '/services/collector'

export function hec(options: HecOptions): HttpProtocol {
  const { stream, acknowledge, queryToken, maxRecord, pressure } = options
  const acks = new Acks()

  async function event(request: HttpRequest): Promise<Answer> {
    const { peer, query, body } = request
    const channel = channelOf(request, acknowledge)
    await body(async (bytes) => {
      const events = new Events(dataOf(bytes), sharedBy(query), maxRecord)
      // As with Splunk, what stands before an event that is none is taken in.
      await takeTexts(events, stream, peer)
      if (events.fault !== undefined) throw events.fault
    })
    return success(peer, channel)
  }

  async function raw(request: HttpRequest): Promise<Answer> {
    const { peer, query, body } = request
    const channel = channelOf(request, acknowledge)
    await body((bytes) => takeTexts(recordsIn(dataOf(bytes), sharedBy(query), maxRecord), stream, peer))
    return success(peer, channel)
  }

  async function ack(request: HttpRequest): Promise<Answer> {
    if (!acknowledge) throw new HecError(14, 'this receiver gives no acknowledgement ids: see `acknowledge`')
    const channel = channelOf(request, true)
    // What was committed stays so when the journal is full.
    const ids = await request
      .body(async (bytes) => idsIn(dataOf(bytes)), { isCommitted: false, most: longestQuestion })
      .catch(refuseLong)
    return json(200, { acks: acks.ask(nameOf(request.peer, channel), ids) })
  }

  const success = (peer: Peer, channel: string | undefined): Answer =>
    answer(0, acknowledge ? { ackId: acks.next(nameOf(peer, channel)) } : {})

  const health = async (): Promise<Answer> => answer(pressure() === null ? 17 : 18)
  const healthy: Methods = { GET: health, POST: health, open: true }
  // Docker's logging driver asks so before it starts a container, without its token, and goes by the status.
  const OPTIONS = async (): Promise<Answer> => ({ type: 'application/json', body: Buffer.alloc(0) })
  const events: Methods = { POST: event, OPTIONS }
  const lines: Methods = { POST: raw, OPTIONS }

  return {
    routes: {
      [base]: events,
      [`${base}/event`]: events,
      [`${base}/event/1.0`]: events,
      [`${base}/raw`]: lines,
      [`${base}/raw/1.0`]: lines,
      [`${base}/ack`]: ack,
      [`${base}/ack/1.0`]: ack,
      [`${base}/health`]: healthy,
      [`${base}/health/1.0`]: healthy,
    },
    authorization: (head) => bearerOf(head, queryToken),
    writeError: errorAnswer,
  }
}

/** Nobody hears of the ids of another's requests. */
const nameOf = (peer: Peer, channel = ''): string => JSON.stringify([peer.auth_id ?? '', channel])

function dataOf(bytes: Buffer): string {
  const text = textOf(bytes)
  if (firstCharacter(text) === undefined) throw new HecError(5, 'the body is empty')
  return text
}
