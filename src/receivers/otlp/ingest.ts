/** From a request's body to committed events. */
import { setImmediate } from 'node:timers/promises'
import type { DecodedRecord } from '../../event/record.ts'
import type { IntakeStream, Peer } from '../server/intake-stream.ts'
import type { BodyFormat, Rejected } from './answer.ts'
import { jsonLogsDecoder } from './json-decoder.ts'
import { decodeProtobufLogs } from './logs-decoder.ts'

/**
 * Resolves once every record of the body is committed, but for those that it names: they are not taken in. Rejects with
 * `bad_request` before any record is, or with what the intake refuses with; then a client sends all of it again, and
 * records with an id of their own keep it.
 */
export async function ingest(
  body: Buffer,
  format: BodyFormat,
  stream: IntakeStream,
  peer: Peer,
): Promise<readonly Rejected[]> {
  const decode = format === 'protobuf' ? () => decodeProtobufLogs(body) : jsonLogsDecoder(body)
  const commit = async (records: readonly DecodedRecord[]) => (await stream.commit(records, peer)).rejected
  const chunks = decode()
  const first = chunks.next()
  if (first.done) return []
  const rest = chunks.next()
  if (rest.done) return commit(first.value)
  // More than one chunk: nothing may be committed of a body that turns out to be invalid at its end. Holding
  // all of it decoded would cost many times its size, so it is decoded once to see and once more to keep.
  for (const _ of chunks) await setImmediate()
  const rejected: Rejected[] = []
  let before = 0
  for (const chunk of decode()) {
    for (const { index, missing } of await commit(chunk)) rejected.push({ index: before + index, missing })
    before += chunk.length
  }
  return rejected
}
