// A request with a key is taken in once, however often it is sent; a key stands for one body.
import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { until } from '../until.ts'
import { listening } from './listening.ts'

const type = 'application/json'
const keyed = (key: string, more: Record<string, string> = {}) => ({ 'idempotency-key': key, ...more })
const answered = (answer: { readonly status: number; readonly body: Buffer }) => [
  answer.status,
  JSON.parse(answer.body.toString()),
]
const listOf = (count: number, from = 0) =>
  JSON.stringify(Array.from({ length: count }, (_, n) => ({ n: from + n })))

describe('a key', () => {
  test('with the same body: the first answer again, and nothing committed', async () => {
    const { post, intake } = await listening()
    for (const key of ['"a"', 'a', ' "a" ']) {
      expect(answered(await post(type, listOf(3), keyed(key)))).toEqual([200, { records: 3 }])
    }
    expect(intake.receivedTexts).toHaveLength(3)
    expect(intake.repeats).toEqual([
      { duplicates: 3, conflicts: 0 },
      { duplicates: 3, conflicts: 0 },
    ])
    await post(type, listOf(3), keyed('"b"'))
    await post(type, listOf(3))
    expect(intake.receivedTexts).toHaveLength(9)
  })

  test.each([
    ['another record', type, '[{"n":0},{"n":7}]'],
    ['fewer records', type, '[{"n":0}]'],
    ['more records', type, listOf(3)],
    ['another type', 'text/plain', listOf(2)],
  ])('with %s: 422, and nothing committed', async (_name, other, body) => {
    const { post, intake } = await listening()
    await post(type, listOf(2), keyed('"a"'))
    const [status, problem] = answered(await post(other, body, keyed('"a"')))
    expect([status, problem]).toEqual([422, expect.objectContaining({ status: 422, code: 'key_reused' })])
    expect(intake.receivedTexts).toHaveLength(2)
    // The key is that of the first as before.
    expect(answered(await post(type, listOf(2), keyed('"a"')))).toEqual([200, { records: 2 }])
  })

  test('counts for one credential', async () => {
    const bearer = ['a', 'b'].map((id) => ({ id, hash: hash('sha256', `token-${id}`) }))
    const { post, intake } = await listening({ auth: { bearer } })
    for (const [id, count] of [
      ['a', 1],
      ['b', 2],
      ['a', 1],
    ] as const) {
      const answer = await post(type, listOf(count), keyed('"k"', { authorization: `Bearer token-${id}` }))
      expect(answered(answer)).toEqual([200, { records: count }])
    }
    expect(intake.recordChunks.map(({ peer }) => peer?.auth_id)).toEqual(['a', 'b'])
  })

  test('is known while its first request is on its way, which is waited for', async () => {
    const { post, intake } = await listening()
    await post(type, '{}')
    intake.hold()
    const first = post(type, listOf(2), keyed('"a"'))
    await until('the first is handed in', () => intake.pending === 1)
    let early = 0
    const others = [listOf(2), listOf(3)].map((body) => post(type, body, keyed('"a"')).finally(() => early++))
    await post(type, '')
    expect(early).toBe(0)
    intake.relieve()
    expect((await Promise.all([first, ...others])).map(({ status }) => status)).toEqual([200, 200, 422])
    expect(intake.receivedTexts).toHaveLength(3)
  })

  test('of a request that failed in the middle: what was committed stays, and the rest is taken in', async () => {
    const { post, intake } = await listening()
    const records = intake.records.bind(intake)
    let chunks = 0
    intake.records = (...given) => {
      if (++chunks === 2) return Promise.reject(new AffiantError('journal_full', 'no room'))
      return records(...given)
    }
    expect(await post(type, listOf(2500), keyed('"a"'))).toMatchObject({ status: 503 })
    expect(intake.receivedTexts).toHaveLength(1000)
    expect(answered(await post(type, listOf(2500), keyed('"a"')))).toEqual([200, { records: 2500 }])
    expect(intake.receivedTexts.map(({ text }) => text)).toEqual(
      Array.from({ length: 2500 }, (_, n) => JSON.stringify({ n })),
    )
    expect(intake.repeats).toEqual([{ duplicates: 1000, conflicts: 0 }])
  })

  test('a request without records has nothing to remember', async () => {
    const { post } = await listening()
    for (const count of [0, 1]) {
      expect(answered(await post(type, listOf(count), keyed('"a"')))).toEqual([200, { records: count }])
    }
  })

  test.each([['""'], [''], ['x'.repeat(256)], ['"\u00e9"']])('that is none is refused: %s', async (key) => {
    const { post, intake } = await listening()
    const [status, problem] = answered(await post(type, '{}', keyed(key)))
    expect([status, problem]).toEqual([400, expect.objectContaining({ code: 'bad_request' })])
    expect(problem).toMatchObject({ detail: expect.stringContaining('Idempotency-Key') })
    expect(intake.receivedTexts).toEqual([])
  })
})

describe('CloudEvents', () => {
  const event = (id: string, data: object = {}) =>
    JSON.stringify({ specversion: '1.0', id, source: '/shop', type: 'order.paid', data })

  test('are known by source and id, with a key and without', async () => {
    const { post, intake } = await listening()
    await post('application/cloudevents+json', event('e-1'))
    await post('application/cloudevents+json', event('e-1'))
    await post('application/cloudevents-batch+json', `[${event('e-1')},${event('e-2')}]`, keyed('"a"'))
    await post('application/cloudevents-batch+json', `[${event('e-1')},${event('e-2')}]`, keyed('"a"'))
    expect(intake.receivedTexts).toHaveLength(2)
    await post('application/cloudevents+json', event('e-1', { other: true }))
    expect(intake.receivedTexts.at(-1)?.warnings).toEqual([
      expect.stringContaining('its id was given before'),
    ])
  })

  test('a request of which all is known is remembered by its key all the same', async () => {
    const { post } = await listening()
    const batch = 'application/cloudevents-batch+json'
    await post(batch, `[${event('e-1')}]`)
    expect(await post(batch, `[${event('e-1')}]`, keyed('"a"'))).toMatchObject({ status: 200 })
    expect(await post(batch, `[${event('e-2')}]`, keyed('"a"'))).toMatchObject({ status: 422 })
  })

  test('over the limit they are known, too, and told apart by more than their heads', async () => {
    const { post, intake } = await listening({ max_record: '1KiB' })
    const type = 'application/cloudevents+json'
    const long = (end: string) => event('e-1', { text: 'x'.repeat(70_000), end })
    for (const end of ['a', 'a', 'b']) await post(type, long(end))
    const [first, other, ...more] = intake.receivedTexts
    expect(more).toEqual([])
    expect(first).toMatchObject({
      id: { uid: 'e-1', producer: '/shop' },
      oversize: { size: long('a').length },
    })
    expect(other!.text).toBe(first!.text)
    expect(other!.warnings).toEqual([expect.stringContaining('its id was given before')])
    // In binary mode, where the record is the body.
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'e-2', 'ce-source': '/shop', 'ce-type': 'order.paid' }
    const data = JSON.stringify({ text: 'x'.repeat(2_000) })
    for (let times = 0; times < 2; times++) await post('application/json', data, headers)
    expect(intake.receivedTexts.slice(2)).toEqual([
      expect.objectContaining({ text: data, id: { uid: 'e-2', producer: '/shop' } }),
    ])
  })

  test.each([
    ['{"id":"e-1","data":"DATA"}'],
    ['{"id":{"a":1},"source":"/shop","data":"DATA"}'],
    ['{"id":e-1,"source":"/shop","data":"DATA"}'],
  ])('over the limit, what names itself by nothing is taken without: %s', async (text) => {
    const { post, intake } = await listening({ max_record: '1KiB' })
    const body = text.replace('DATA', 'x'.repeat(2_000))
    expect(await post('application/cloudevents+json', body)).toMatchObject({ status: 200 })
    const [record] = intake.receivedTexts
    expect(record).toEqual({ text: body, oversize: expect.objectContaining({ size: body.length }) })
  })
})
