// Every record that was taken in has a receipt, in the order of the request, in both encodings and over gRPC.
import { hash } from 'node:crypto'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { auditing } from './listening.ts'
import { record, request, text, uuid } from './records.ts'

const { root } = protobuf.parse(`syntax = "proto3";
  message Receipt { string record_id = 1; string integrity_hash = 2; fixed64 sink_timestamp = 3; string event_hash = 4;
    bool verified = 5; bool duplicate = 6; repeated string chain_warnings = 7; }
  message Response { repeated Receipt receipts = 1000; }`)
const decoded = (body: Buffer) =>
  root.lookupType('Response').toObject(root.lookupType('Response').decode(body), { longs: String }) as {
    receipts: Record<string, unknown>[]
  }

test('the same in JSON, protobuf and over gRPC', async () => {
  const { json, protobuf: binary, grpc, intake } = await auditing()
  const before = BigInt(Date.now()) * 1_000_000n
  const { status, answer } = await json(request([record(1), record(2, {}, { body: text('b') })]))
  expect(status).toBe(200)
  expect(Object.keys(answer)).toEqual(['receipts'])
  const kept = intake.received.map(({ asSigned }) => asSigned!)
  expect(answer.receipts).toEqual(
    kept.map((signed, n) => ({
      recordId: uuid(n + 1),
      integrityHash: hash('sha256', signed),
      sinkTimestamp: expect.stringMatching(/^\d{19}$/),
      eventHash: hash('sha256', JSON.stringify(intake.received[n])),
    })),
  )
  expect(BigInt(answer.receipts[0].sinkTimestamp) >= before).toBe(true)

  const { body } = await binary(request([record(3), record(4)]))
  const [third] = decoded(body).receipts
  expect(third).toMatchObject({
    recordId: uuid(3),
    integrityHash: hash('sha256', intake.received[2]!.asSigned!),
  })
  expect(decoded(body).receipts).toHaveLength(2)
  const { code, reply } = await grpc(request([record(5)]))
  expect(code).toBe(0)
  expect(decoded(reply).receipts).toMatchObject([
    { recordId: uuid(5), sinkTimestamp: expect.stringMatching(/^\d{19}$/) },
  ])
})

test('receipts are in the order of the request, whichever chains its records are of', async () => {
  const { json } = await auditing()
  const of = (n: number, stream?: string) =>
    record(n, stream ? { 'audit.sequence.stream_id': text(stream) } : {})
  const sent = [of(1, 'b'), of(2), of(3, 'a'), of(4, 'b'), of(5)]
  const { answer } = await json(request(sent))
  expect(answer.receipts.map((receipt: { recordId: string }) => receipt.recordId)).toEqual(
    [1, 2, 3, 4, 5].map(uuid),
  )
})

test('an empty request is a success', async () => {
  const { json, protobuf: binary } = await auditing()
  expect(await json({})).toEqual({ status: 200, answer: {} })
  const { status, body } = await binary({})
  expect([status, body.length]).toEqual([200, 0])
})

test('a request of several parts has a receipt for each record', async () => {
  const { json, intake } = await auditing()
  const { answer } = await json(request(Array.from({ length: 2_500 }, (_, n) => record(n))))
  expect(answer.receipts).toHaveLength(2_500)
  expect(intake.recordChunks.map(({ records }) => records.length)).toEqual([1000, 1000, 500])
  expect(answer.receipts[2_499]).toMatchObject({ recordId: uuid(2_499) })
})
