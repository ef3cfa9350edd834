// The `splunk_hec` sink as a client of the receiver of the same name.
import { expect, onTestFinished, test } from 'vitest'
import type { Sink } from '../../../src/sinks/sink.ts'
import { batchOfMany, linesOf } from '../../sinks/batches.ts'
import { hecSink } from '../../sinks/splunk_hec/sink.ts'
import { RequestIntake } from '../request-intake.ts'
import { bearer, listening } from './listening.ts'

const never = new AbortController().signal
const auth = { bearer: [bearer('siem', 'secret-token')] }

async function started(config: Record<string, unknown>): Promise<Sink> {
  // On a loaded machine an answer takes its time.
  const sink = hecSink({ ack: { interval: '10ms', timeout: '20s' }, ...config })
  onTestFinished(() => sink.stop())
  await sink.start()
  return sink
}

test.each([
  ['event', true, 'gzip'],
  ['event', false, 'none'],
  ['raw', true, 'none'],
  ['raw', false, 'gzip'],
] as const)('%s, acknowledge %s, %s: every event, as it was', async (endpoint, acknowledge, compression) => {
  const { url, intake } = await listening({ auth, acknowledge })
  const sink = await started({ url, endpoint, acknowledge, compression, source: 'affiant', host: 'web-1' })
  const batch = batchOfMany(2500)
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect(intake.receivedTexts.map(({ text }) => text)).toEqual(linesOf(batch))
  for (const record of intake.receivedTexts) {
    expect(record.within?.beside).toMatchObject({
      source: 'affiant',
      sourcetype: 'affiant:audit',
      host: 'web-1',
    })
    if (endpoint === 'event') expect(record.time).toBe((JSON.parse(record.text) as { time: string }).time)
  }
  expect(intake.recordChunks[0]?.peer).toMatchObject({ auth_id: 'siem' })
})

test('one batch after the other, each acknowledged', async () => {
  const { url, intake } = await listening({ auth, acknowledge: true })
  const sink = await started({ url, acknowledge: true })
  const results = await Promise.all(Array.from({ length: 20 }, () => sink.deliver(batchOfMany(10), never)))
  for (const result of results) expect(result).toMatchObject({ kind: 'accepted' })
  expect(intake.receivedTexts).toHaveLength(200)
})

test('a receiver that gives no ids tells a sink that waits for them', async () => {
  const { url } = await listening({ auth })
  const sink = await started({ url, acknowledge: true })
  expect(await sink.deliver(batchOfMany(2), never)).not.toMatchObject({ kind: 'accepted' })
})

test('an event that is rejected is named, and what stood before it is not sent again', async () => {
  class Rejecting extends RequestIntake {
    override async records(chunk: Parameters<RequestIntake['records']>[0]) {
      const receipt = await super.records(chunk)
      return { ...receipt, rejected: [{ index: 3, missing: ['actor.id'] }] }
    }
  }
  const { url } = await listening({ auth }, new Rejecting())
  const sink = await started({ url })
  expect(await sink.deliver(batchOfMany(5), never)).toMatchObject({
    kind: 'refused',
    which: 'single',
    taken: 3,
  })
})
