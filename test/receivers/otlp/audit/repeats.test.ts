// The same record again is answered as the first time, another one under its id is refused, and neither is committed.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { AffiantError } from '../../../../src/errors.ts'
import { RequestIntake } from '../../request-intake.ts'
import { auditing } from './listening.ts'
import { record, request, text, uuid } from './records.ts'

const changed = (n: number) => record(n, { 'audit.action': text('REJECT') })

test('sent again, by either protocol and in either encoding', async () => {
  const { json, protobuf, grpc, intake } = await auditing()
  const sent = request([record(1), record(2)])
  const first = await json(sent)
  const again = await json(sent)
  expect([first.status, again.status]).toEqual([200, 200])
  const [one, two] = first.answer.receipts
  for (const [n, receipt] of again.answer.receipts.entries()) {
    const { eventHash: _, sinkTimestamp, ...rest } = [one, two][n]
    expect(receipt).toMatchObject({ ...rest, duplicate: true })
    // It is on disk by then.
    expect(BigInt(receipt.sinkTimestamp) >= BigInt(sinkTimestamp)).toBe(true)
  }
  expect((await protobuf(sent)).status).toBe(200)
  expect((await grpc(sent)).code).toBe(0)
  expect(intake.received).toHaveLength(2)
})

test('another content under the same id: 409, and ALREADY_EXISTS', async () => {
  const { json, grpc, intake } = await auditing()
  await json(request([record(1), record(2)]))
  const sent = request([record(3), changed(2), changed(1)])
  const { status, answer } = await json(sent)
  expect(status).toBe(409)
  expect(answer).toMatchObject({
    code: 6,
    message: `2 of 3 records have the id of another one, and none was taken in: record 1 (${uuid(2)}): its id was given before to a record with another content; record 2 (${uuid(1)}): its id was given before to a record with another content`,
    details: [{ fieldViolations: [{ field: 'resourceLogs[0].scopeLogs[0].logRecords[1]' }, {}] }],
  })
  expect((await grpc(sent)).code).toBe(6)
  expect(intake.received).toHaveLength(2)
  // What was good of it can still be sent.
  expect((await json(request([record(3)]))).status).toBe(200)
})

test('twice in one request: once, if they are the same', async () => {
  const { json, intake } = await auditing()
  const { answer } = await json(request([record(1), record(1)]))
  const [one, two] = answer.receipts
  expect(two).toEqual({ ...one, duplicate: true })
  expect(intake.received).toHaveLength(1)
  expect((await json(request([record(2), changed(2)]))).status).toBe(409)
  expect(intake.received).toHaveLength(1)
})

test('an integer and its text, or another time of the SDK, are another content', async () => {
  const { json } = await auditing()
  await json(request([record(1, { n: { intValue: '1' } })]))
  expect((await json(request([record(1, { n: { intValue: 1 } })]))).status).toBe(200)
  expect((await json(request([record(1, { n: text('1') })]))).status).toBe(409)
  expect(
    (
      await json(
        request([record(1, { n: { intValue: '1' } }, { observedTimeUnixNano: '1795417113120400001' })]),
      )
    ).status,
  ).toBe(409)
})

test('severity and the proof are no content', async () => {
  const { json, intake } = await auditing()
  await json(request([record(1)]))
  expect((await json(request([record(1, {}, { severityText: 'INFO' })]))).status).toBe(200)
  expect(intake.received).toHaveLength(1)
})

test('who sends under another credential has ids of his own', async () => {
  const bearer = ['one', 'two'].map((id) => ({ id, hash: hash('sha256', id) }))
  const { json, intake } = await auditing({ auth: { bearer } })
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  expect((await json(request([record(1)]), as('one'))).status).toBe(200)
  expect((await json(request([changed(1)]), as('two'))).status).toBe(200)
  expect((await json(request([changed(1)]), as('one'))).status).toBe(409)
  expect(intake.received).toHaveLength(2)
})

test('the first waits for the disk, and so does the same sent again; what failed is free again', async () => {
  const intake = new RequestIntake()
  const { json } = await auditing({}, intake)
  await json(request([record(0)]))
  intake.refusal = new AffiantError('journal_unavailable', 'the journal takes nothing at the moment')
  expect((await json(request([record(1)]))).status).toBe(503)
  intake.refusal = undefined
  intake.hold()
  let answered = 0
  const sent = [json(request([record(1)])), json(request([record(1)]))].map(async (one) => {
    const { status, answer } = await one
    answered++
    return [status, answer.receipts[0].duplicate === true]
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(answered).toBe(0)
  intake.relieve()
  expect((await Promise.all(sent)).toSorted(([, a], [, b]) => Number(a) - Number(b))).toEqual([
    [200, false],
    [200, true],
  ])
})
