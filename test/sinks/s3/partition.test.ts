import { expect, test } from 'vitest'
import { s3SinkConfig } from '../../../src/sinks/s3/config.ts'
import { rangeOf } from '../../../src/sinks/s3/key.ts'
import { createPartitioner } from '../../../src/sinks/s3/partition.ts'
import { Unroutable } from '../../../src/sinks/sink.ts'
import { viewOf } from './batches.ts'

const time = '2026-05-01T10:59:59.999999999Z'

const configOf = (options: Record<string, unknown>) =>
  s3SinkConfig.safeParse({ type: 's3', bucket: 'bucket', ...options })

function partitionOf(
  event: Record<string, unknown>,
  options: Record<string, unknown> = {},
  overrides?: Record<string, string>,
): string {
  const partition = createPartitioner(configOf(options).data!)(viewOf(JSON.stringify(event)), overrides)
  return partition instanceof Unroutable ? `unroutable: ${partition.reason}` : partition
}

const keyOf = (...from: Parameters<typeof partitionOf>): string => JSON.parse(partitionOf(...from)).key

test('by default: agent, day and hour of the event', () => {
  expect(partitionOf({ action: 'a', time })).toBe(
    '{"hour":"2026-05-01T10","key":"{agent}/2026-05-01/10/{range}"}',
  )
})

test('the time of an object inside is not the event’s, nor is a neighbour’s', () => {
  const partition = createPartitioner(configOf({}).data!)
  const other = '{"time":"1999-01-01T00:00:00Z"}'
  for (const event of [
    `{"metadata":{"time":"1999-01-01T00:00:00Z"},"time":"${time}"}`,
    `{"time":"${time}","unmapped":{"x":{"time":"1999-01-01T00:00:00Z"}}}`,
    `{"message":"\\"time\\":\\"1999-01-01T00\\"","time":"${time}"}`,
    `{"observed_time":"1999-01-01T00:00:00Z","time":"${time}"}`,
  ]) {
    expect(partition(viewOf(event, other, other), undefined)).toContain('"hour":"2026-05-01T10"')
  }
})

test('no object spans two hours, whatever its key says', () => {
  const options = { key: 'all/{range}' }
  expect(keyOf({ time }, options)).toBe('all/{range}')
  expect(partitionOf({ time }, options)).not.toBe(partitionOf({ time: '2026-05-01T11:00:00Z' }, options))
})

test('values of events make no folders, and none is missing', () => {
  const key = '{actor.id}/{scope("tenant").id}/{year}{month}{day}/{range}'
  const of = (id: unknown, scope: unknown = [{ type: 'tenant', id: 't 1' }]) =>
    keyOf({ actor: { id }, scope, time }, { key })
  expect(of('u_42')).toBe('u_42/t_1/20260501/{range}')
  expect(of('../../etc/passwd')).toBe('.._.._etc_passwd/t_1/20260501/{range}')
  expect(of('..')).toBe('__/t_1/20260501/{range}')
  expect(of('a\u0000b\nc')).toBe('a_b_c/t_1/20260501/{range}')
  expect(of('{range}\uE002')).toBe('_range__/t_1/20260501/{range}')
  expect(of('', [])).toBe('unknown/unknown/20260501/{range}')
  expect(of(undefined)).toMatch(/^unknown\//)
  expect(Buffer.byteLength(of('ü'.repeat(5000)))).toBeLessThan(400)
})

test('a route’s prefix must be allowed, and a clean one', () => {
  const options = { key: '{range}', overrides: { key_prefix: ['tenant-*/'] } }
  const of = (key_prefix: string, given = options) => partitionOf({ time }, given, { key_prefix })
  expect(JSON.parse(of('tenant-a/')).key).toBe('tenant-a/{range}')
  expect(of('other/')).toMatch(/^unroutable: key_prefix "other\/" is not among/)
  expect(of('tenant-a/', { ...options, overrides: { key_prefix: ['x'] } })).toMatch(/^unroutable/)
  for (const bad of ['', '/tenant-a/', 'tenant-/../', 'tenant-//', 'tenant-\n/', 'tenant-{range}/']) {
    expect(of(bad)).toMatch(/^unroutable: .* cannot begin/)
  }
  expect(of(`tenant-${'x'.repeat(1000)}/`)).toMatch(/^unroutable: .* more than 1024 bytes/)
})

test.each([
  ['{agent}/{date}', 'range'],
  ['/{range}', 'leading'],
  ['a/../{range}', 'parts'],
  ['{{{range}', 'braces'],
  ['{actr.id}/{range}', 'actr'],
  ['a\n{range}', 'control'],
])('the key %j is an error of the configuration', (key, words) => {
  const problems = configOf({ key }).error?.issues.map(({ message }) => message)
  expect(problems?.join()).toContain(words)
})

test('a range is its epoch, first and last seq; with gaps also what is in it', () => {
  const of = (...seqs: number[]) => rangeOf({ epoch: 2, seqs: Float64Array.from(seqs) })
  expect(of(7, 8, 9)).toBe('000002-0000000000000007-0000000000000009')
  expect(of(7, 9)).toMatch(/^000002-0000000000000007-0000000000000009-[0-9a-f]{12}$/)
  expect(new Set([of(1, 4), of(1, 2, 4), of(1, 3, 4), of(1, 2, 3, 4)]).size).toBe(4)
})
