import { expect, test } from 'vitest'
import { s3SinkConfig } from '../../../src/sinks/s3/config.ts'
import { keyOf as nameOf, rangeOf } from '../../../src/sinks/s3/key.ts'
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

test('an event without a time has a partition like any other', () => {
  expect(partitionOf({ action: 'a' })).toBe('{"hour":"","key":"{agent}/unknown/unknown/{range}"}')
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
  const of = (id: unknown, scope: unknown = [{ type: 'tenant', id: 't1' }]) =>
    keyOf({ actor: { id }, scope, time }, { key })
  expect(of('u_42')).toBe('u_42/t1/20260501/{range}')
  expect(of('ü.é-文')).toBe('ü.é-文/t1/20260501/{range}')
  expect(of('', [])).toBe('unknown/unknown/20260501/{range}')
  expect(of(undefined)).toMatch(/^unknown\//)
  // What had to be changed is told apart by a sum.
  expect(of('../../etc/passwd')).toMatch(/^\.\._\.\._etc_passwd_[0-9a-f]{12}\/t1\/20260501\/\{range\}$/)
  expect(of('..')).toMatch(/^__[0-9a-f]{12}\/t1/)
  expect(of('a\u0000b\nc')).toMatch(/^a_b_c_[0-9a-f]{12}\/t1/)
  expect(of('{range}\uE002')).toMatch(/^_range___[0-9a-f]{12}\/t1/)
})

test('no two values share a folder', () => {
  const long = 'x'.repeat(200)
  const values = ['a/b', 'a_b', 'a b', 'a\\b', 'a\u00a0b', '.', '..', '_', '__', undefined, 'unknown']
  const more = [
    `${long}a`,
    `${long}b`,
    'ü'.repeat(100),
    `${'ü'.repeat(99)}é`,
    '\ud800',
    '\udc00',
    '文'.repeat(500),
  ]
  const all = [...values, ...more]
  const folders = all.map((id) => keyOf({ actor: { id }, time }, { key: '{actor.id}/{range}' }))
  expect(new Set(folders).size).toBe(all.length)
  for (const folder of folders) {
    expect(folder).toMatch(/^[^/]+\/\{range\}$/)
    expect(Buffer.byteLength(folder)).toBeLessThan(140)
    expect(folder).not.toContain('\uFFFD')
  }
})

test('a name of at most 1024 bytes is one, and agents with long names have their own', () => {
  const wide = '文'.repeat(500)
  expect(
    keyOf(
      { actor: { id: wide }, action: wide, category: wide, time },
      { key: '{agent}/{actor.id}/{action}/{category}/{range}' },
    ),
  ).toMatch(/^\{agent\}/)
  expect(configOf({ key: `${'{agent}'.repeat(4)}{range}` }).error?.issues[0]?.message).toContain('1024 bytes')
  expect(configOf({ key: `${'x'.repeat(1000)}/{range}` }).success).toBe(false)
  const pod = 'p'.repeat(240)
  const names = ['a', 'b'].map((suffix) =>
    nameOf('{agent}/{range}', { origin: `affiant/${pod}-${suffix}/1`, epoch: 1, seqs: Float64Array.of(1) }),
  )
  expect(new Set(names).size).toBe(2)
  expect(names[0]).toContain(`${pod}-a/`)
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
