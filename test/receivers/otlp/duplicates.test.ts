// A record with an id of its own is taken in once, however often, by whichever protocol and encoding it is sent.
import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { until } from '../until.ts'
import { calling } from './calling.ts'
import { listening } from './listening.ts'
import { encodeRequest } from './oracle.ts'

const uuid = (n: number) => `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`
const text = (key: string, value: string) => ({ key, value: { stringValue: value } })

interface Sent {
  readonly id?: string
  readonly uid?: string
  readonly body?: string
  readonly observed?: string
}

const requestOf = (records: readonly Sent[], service = 'orders') => ({
  resourceLogs: [
    {
      resource: { attributes: [text('service.name', service)] },
      scopeLogs: [
        {
          logRecords: records.map(({ id, uid, body = 'x', observed = '5' }) => ({
            timeUnixNano: '1764489600000000001',
            observedTimeUnixNano: observed,
            body: { stringValue: body },
            attributes: [
              ...(id === undefined ? [] : [text('audit.record.id', id)]),
              ...(uid === undefined ? [] : [text('log.record.uid', uid)]),
              { key: 'n', value: { intValue: '9007199254740993' } },
            ],
          })),
        },
      ],
    },
  ],
})
const json = (records: readonly Sent[], service?: string) => JSON.stringify(requestOf(records, service))

const bodies = (records: readonly { readonly value: Readonly<Record<string, unknown>> }[]) =>
  records.map(({ value }) => value.body)

describe('sent again', () => {
  test.each([
    ['audit.record.id', { id: uuid(1) }],
    ['log.record.uid', { uid: 'r-1' }],
  ])('with the same %s: answered alike, and committed once', async (_name, record) => {
    const { post, intake } = await listening()
    const first = await post(json([record]))
    const second = await post(json([{ ...record, observed: '6' }]))
    expect(second).toMatchObject({ status: 200, body: first.body })
    expect(intake.received).toHaveLength(1)
    expect(intake.repeats).toEqual([{ duplicates: 1, conflicts: 0 }])
  })

  test('by another protocol', async () => {
    const { post, call, intake } = await calling()
    const protobuf = { 'content-type': 'application/x-protobuf' }
    const first = encodeRequest(requestOf([{ id: uuid(1) }, { id: uuid(2), observed: '7' }]))
    expect(await post(first, protobuf)).toMatchObject({ status: 200 })
    expect(await call(encodeRequest(requestOf([{ id: uuid(2) }, { id: uuid(3) }])))).toMatchObject({
      code: 0,
    })
    expect(intake.received).toHaveLength(3)
    expect(intake.repeats).toEqual([{ duplicates: 1, conflicts: 0 }])
  })

  test('protobuf tells other contents, resources and scopes from the same, wherever they stand in it', async () => {
    const { call, intake } = await calling()
    const sent = { id: uuid(1) }
    const one = requestOf([sent])
    const [group] = one.resourceLogs
    const scopeLogs = group!.scopeLogs.map((logs) => ({ ...logs, scope: { name: 'audit' } }))
    const requests = [
      one,
      requestOf([{ ...sent, observed: '0' }]),
      requestOf([{ ...sent, body: 'y' }]),
      requestOf([sent], 'billing'),
      { resourceLogs: [{ ...group, scopeLogs }] },
      requestOf([{ id: uuid(2) }, sent]),
    ]
    for (const request of [...requests, ...requests])
      expect(await call(encodeRequest(request))).toMatchObject({ code: 0 })
    expect(intake.received).toHaveLength(5)
    const sum = (of: 'duplicates' | 'conflicts') => intake.repeats.reduce((total, one) => total + one[of], 0)
    expect([sum('duplicates'), sum('conflicts')]).toEqual([9, 3])
  })

  test('within one request', async () => {
    const { post, intake } = await listening()
    await post(json([{ id: uuid(1) }, { id: uuid(2) }, { id: uuid(1) }, {}, {}]))
    expect(intake.received).toHaveLength(4)
    expect(intake.repeats).toEqual([{ duplicates: 1, conflicts: 0 }])
  })

  test('records without an id are not held against each other, nor those whose id says nothing', async () => {
    const { post, intake } = await listening()
    const nil = '00000000-0000-0000-0000-000000000000'
    for (let time = 0; time < 2; time++)
      await post(json([{}, {}, { id: nil }, { uid: '' }, { id: 'no UUID' }]))
    expect(intake.received).toHaveLength(10)
    expect(intake.repeats).toEqual([])
    expect(intake.recordChunks.every(({ marks }) => marks === undefined)).toBe(true)
  })

  test('a uid counts within its service', async () => {
    const { post, intake } = await listening()
    await post(json([{ uid: 'r-1' }], 'orders'))
    await post(json([{ uid: 'r-1' }], 'billing'))
    expect(intake.received).toHaveLength(2)
    expect(intake.repeats).toEqual([])
  })

  test('two credentials never stand for each other', async () => {
    const bearer = ['a', 'b'].map((id) => ({ id, hash: hash('sha256', `token-${id}`) }))
    const { post, intake } = await listening({ auth: { bearer } })
    for (const id of ['a', 'b', 'a']) {
      await post(json([{ id: uuid(1) }]), { authorization: `Bearer token-${id}` })
    }
    expect(intake.recordChunks.map(({ peer }) => peer?.auth_id)).toEqual(['a', 'b'])
    expect(intake.repeats).toEqual([{ duplicates: 1, conflicts: 0 }])
  })

  test('with another content: kept, under an id of its own and with a warning; that is known again, too', async () => {
    const { post, intake } = await listening()
    for (const body of ['one', 'two', 'two', 'one', 'three']) {
      expect(await post(json([{ id: uuid(1), body }]))).toMatchObject({ status: 200 })
    }
    const { received } = intake
    expect(bodies(received)).toEqual(['one', 'two', 'three'])
    expect(received[0]).toMatchObject({ id: { uuid: uuid(1) } })
    const others = received.slice(1)
    for (const record of others) {
      expect(record.id).toEqual({ producer: uuid(1), uid: expect.stringMatching(/^[0-9a-f]{32}$/) })
      expect(record.warnings?.at(-1)).toContain('its id was given before')
    }
    expect(new Set(others.map(({ id }) => JSON.stringify(id))).size).toBe(2)
    expect(intake.repeats.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBe(2)
    expect(intake.repeats.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(2)
  })

  test('while the first is on its way: answered only after its commit', async () => {
    const { post, intake } = await listening()
    await post(json([{}]))
    intake.hold()
    let answered = 0
    const sent = [0, 1, 2].map(() =>
      post(json([{ id: uuid(1) }])).then(({ status }) => {
        answered++
        return status
      }),
    )
    await until('the first is handed in', () => intake.pending === 1)
    await post('{}')
    expect(answered).toBe(0)
    intake.relieve()
    expect(await Promise.all(sent)).toEqual([200, 200, 200])
    expect(intake.received).toHaveLength(2)
  })

  test('when the first failed, the next is taken in itself', async () => {
    const { post, intake } = await listening()
    await post(json([{}]))
    intake.refusal = new AffiantError('journal_unavailable', 'the disk')
    expect(await post(json([{ id: uuid(1) }]))).toMatchObject({ status: 503 })
    intake.refusal = undefined
    expect(await post(json([{ id: uuid(1) }]))).toMatchObject({ status: 200 })
    expect(intake.received).toHaveLength(2)
    expect(intake.repeats).toEqual([])
  })

  test('beyond the number that is remembered, and where none is to be, it is committed again', async () => {
    const few = await listening({ duplicates: { max_ids: 2 } })
    for (const n of [1, 2, 3, 2, 1]) await few.post(json([{ id: uuid(n) }]))
    expect(few.intake.received).toHaveLength(4)
    const none = await listening({ duplicates: { max_ids: 0 } })
    for (const n of [1, 1]) await none.post(json([{ id: uuid(n) }]))
    expect(none.intake.received).toHaveLength(2)
  })
})
