/** From a request's body to committed events. */
import { setImmediate } from 'node:timers/promises'
import type { IntakeStream, Peer } from '../server/intake-stream.ts'
import type { Rejected } from '../server/rejected.ts'
import type { BodyFormat } from './answer.ts'
import { jsonLogsDecoder } from './json-decoder.ts'
import { decodePlainLogs } from './logs-decoder.ts'
import { PlainRecords } from './plain-records.ts'
import { giveMemory, takeMemory } from './value-memory.ts'

/**
 * Resolves once every record of the body is committed, but for those that it names: they are not taken in. Rejects with
 * `bad_request`, or what `begin` throws, before any record is, or with what the intake refuses with; then a client sends all of it again, and
 * records with an id of their own keep it.
 */
export async function ingest(
  body: Buffer,
  format: BodyFormat,
  stream: IntakeStream,
  peer: Peer,
  begin?: () => void,
): Promise<readonly Rejected[]> {
  if (format === 'json') {
    const decode = jsonLogsDecoder(body)
    return take(decode, async (records) => (await stream.commit(records, peer, { begin })).rejected)
  }
  const memory = takeMemory(body)
  try {
    const plain = new PlainRecords(body, memory)
    return await take(
      () => decodePlainLogs(body, plain),
      async (records) => (await stream.commit(records, peer, { values: plain.values, begin })).rejected,
    )
  } finally {
    giveMemory(memory)
  }
}

async function take<R>(
  decode: () => Generator<readonly R[], void, undefined>,
  commit: (records: readonly R[]) => Promise<readonly Rejected[]>,
): Promise<readonly Rejected[]> {
  const chunks = decode()
  const first = await nextOf(chunks)
  if (first === undefined) return []
  const second = await nextOf(chunks)
  if (second === undefined) return commit(first)
  // More than one chunk: nothing may be committed of a body that turns out to be invalid at its end. Holding
  // all of it decoded would cost many times its size, so it is decoded once to see and once more to keep.
  for (const _ of chunks) await setImmediate()
  const rejected: Rejected[] = []
  let before = 0
  const again = decode()
  for (let chunk = await nextOf(again); chunk !== undefined; chunk = await nextOf(again)) {
    for (const one of await commit(chunk)) rejected.push({ ...one, index: before + one.index })
    before += chunk.length
  }
  return rejected
}

/** The next one with records; others have their turn at each one without. */
async function nextOf<R>(
  chunks: Generator<readonly R[], void, undefined>,
): Promise<readonly R[] | undefined> {
  for (;;) {
    const next = chunks.next()
    if (next.done) return undefined
    if (next.value.length > 0) return next.value
    await setImmediate()
  }
}
