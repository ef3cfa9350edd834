// A client library of Splunk's own, as an application has it: only its URL leads here.
import { Logger } from 'splunk-logging'
import { expect, test } from 'vitest'
import { bearer, listening } from './listening.ts'

const auth = { bearer: [bearer('shop', 'b3c0ffee-token')] }

test('events, one by one and in batches', async () => {
  const { url, intake } = await listening({ auth })
  const batchOf = 50
  const logger = new Logger({ url, token: 'b3c0ffee-token', maxBatchCount: batchOf })
  const told: unknown[] = []
  const message = (n: number) => ({ user: `u_${n}`, event: 'order.read', note: '}{ "é"' })
  for (let n = 0; n < 500; n++) {
    const metadata = {
      source: 'shop',
      sourcetype: 'httpevent',
      index: 'audit',
      host: 'web-1',
      time: 1732400000.25,
    }
    logger.send({ message: message(n), severity: 'info', metadata }, (error, _response, body) =>
      told.push(error ?? body),
    )
  }
  await expect.poll(() => told.length).toBe(500 / batchOf)
  expect(new Set(told.map((body) => JSON.stringify(body)))).toEqual(new Set(['{"text":"Success","code":0}']))
  const records = intake.receivedTexts.toSorted((a, b) => userOf(a.text) - userOf(b.text))
  expect(records).toHaveLength(500)
  for (const [n, record] of records.entries()) {
    expect(JSON.parse(record.text)).toEqual({ message: message(n), severity: 'info' })
    expect(record.time).toBe('2024-11-23T22:13:20.250000000Z')
    expect(record.within?.beside).toMatchObject({
      source: 'shop',
      sourcetype: 'httpevent',
      index: 'audit',
      host: 'web-1',
    })
  }
  expect(intake.recordChunks[0]?.peer).toMatchObject({ auth_id: 'shop' })
})

const userOf = (text: string): number => Number(/u_(\d+)/.exec(text)?.[1])

test('it is told of a token that is not known', async () => {
  const { url, intake } = await listening({ auth })
  const logger = new Logger({ url, token: 'other' })
  const told = Promise.withResolvers<string>()
  logger.error = (error) => told.resolve(error.message)
  logger.send({ message: 'hello' })
  expect(await told.promise).toBe('Invalid token')
  expect(intake.receivedTexts).toEqual([])
})
