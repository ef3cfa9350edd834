// What a client gives its call, in `grpc-timeout`, and what becomes of calls that take longer.
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http2'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { Deadline, grpcTimeout } from '../../../src/receivers/server/grpc-deadline.ts'
import { auditing } from '../otlp/audit/listening.ts'
import { request as auditRequest, record } from '../otlp/audit/records.ts'
import { calling } from '../otlp/calling.ts'
import { numbered } from '../otlp/listening.ts'
import { encodeRequest } from '../otlp/oracle.ts'
import { answered, framed, headers, session } from '../otlp/raw-grpc.ts'
import { until } from '../until.ts'

test.each([
  ['1H', 3_600_000],
  ['99999999M', 99_999_999 * 60_000],
  ['00000010S', 10_000],
  ['250m', 250],
  ['500u', 0.5],
  ['500000n', 0.5],
  ['0n', 0],
])('%s is %d ms', (header, milliseconds) => {
  expect(grpcTimeout(header)).toBeCloseTo(milliseconds)
})

test.each(['', '10', 'S', '10s', '10 S', '+1S', '-1S', '1.5S', '100000000S', '1S, 1S', '1S1S', '١S'])(
  '%j is no time',
  (header) => {
    expect(() => grpcTimeout(header)).toThrow('grpc-timeout is no time')
  },
)

test('it counts until something has begun', () => {
  let now = 0
  const deadline = new Deadline(100, () => now)
  const late = new Deadline(100, () => now)
  deadline.begin()
  now = 100
  deadline.begin()
  expect(() => deadline.check()).toThrow('was over')
  expect(() => late.begin()).toThrow('was over')
  expect(() => late.begin()).toThrow('was over')
  expect(new Deadline(undefined, () => now).left).toBe(Number.POSITIVE_INFINITY)
})

const request = framed(encodeRequest(numbered(2)))

/** A receiver whose time a test can move on. */
async function serving() {
  let ahead = 0
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead }
  const { grpcPort, intake } = await calling({}, clock)
  const client = await session(grpcPort)
  const open = (timeout: string) => client.request({ ...headers, 'grpc-timeout': timeout })
  return {
    intake,
    open,
    /** The status of a call, in headers or trailers. */
    call: async (timeout: string): Promise<string> => {
      const stream = open(timeout)
      const ended = once(stream, 'trailers') as Promise<[IncomingHttpHeaders]>
      ended.catch(() => {})
      stream.end(request)
      const head = await answered(stream)
      return String(head['grpc-status'] ?? (await ended)[0]['grpc-status'])
    },
    later: (milliseconds: number) => {
      ahead += milliseconds
    },
  }
}

test('time enough', async () => {
  const { call, intake } = await serving()
  expect(await call('1H')).toBe('0')
  expect(intake.received).toHaveLength(2)
})

test('a time that is none is INVALID_ARGUMENT, and one that is over DEADLINE_EXCEEDED', async () => {
  const { call, intake } = await serving()
  expect(await call('10s')).toBe('3')
  expect(await call('0n')).toBe('4')
  expect(intake.received).toEqual([])
})

test('over before the message is there', async () => {
  const { open } = await serving()
  const stream = open('50m')
  onTestFinished(() => void stream.destroy())
  stream.write(request.subarray(0, 9))
  const head = await answered(stream)
  expect(head).toMatchObject({ 'grpc-status': '4' })
  expect(decodeURIComponent(String(head['grpc-message']))).toContain('the time of the call was over')
})

test('over before anything is on its way into the journal: nothing is taken in', async () => {
  const { call, later, intake } = await serving()
  // The stream is opened first, which takes its time.
  intake.hold()
  const status = call('1M')
  await until('the stream is being opened', () => intake.pending === 1)
  later(61_000)
  intake.relieve()
  expect(await status).toBe('4')
  expect(intake.received).toEqual([])
  expect(await call('1M')).toBe('0')
  expect(intake.received).toHaveLength(2)
})

test('over while it is being committed: the answer comes', async () => {
  const { call, later, intake } = await serving()
  expect(await call('1M')).toBe('0')
  intake.hold()
  const status = call('1M')
  await until('the records are on their way', () => intake.pending === 1)
  later(61_000)
  intake.relieve()
  expect(await status).toBe('0')
  expect(intake.received).toHaveLength(4)
})

test('of the audit signal nothing is taken in either', async () => {
  const { receiver, intake } = await auditing()
  intake.hold()
  const client = await session(receiver.addresses.grpc!.port)
  const from = systemClock.monotonic()
  const stream = client.request({ ...headers, 'grpc-timeout': '300m' })
  const head = answered(stream)
  stream.end(framed(encodeRequest(auditRequest([record(1)]))))
  await until('it is over', () => systemClock.monotonic() > from + 400)
  intake.relieve()
  expect((await head)['grpc-status']).toBe('4')
  expect(intake.received).toEqual([])
})
