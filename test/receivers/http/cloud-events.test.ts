import { describe, expect, test } from 'vitest'
import { listening } from './listening.ts'

const json = (body: Buffer) => JSON.parse(body.toString())
const around = { specversion: '1.0', id: 'e-1', source: '/shop', type: 'order.paid' }
const event = (members: object, written = '') =>
  JSON.stringify({ ...around, ...members }).replace(/\}$/, `${written}}`)

describe('structured mode', () => {
  test('attributes keep the digits of their numbers, and one given twice is warned of', async () => {
    const { post, intake } = await listening()
    const body = event({}, ',"shard":9007199254740993,"data":{"a":1},"data":{"a":2}')
    expect(await post('application/cloudevents+json', body)).toMatchObject({ status: 200 })
    expect(intake.receivedTexts).toMatchObject([
      {
        text: '{"a":2}',
        warnings: ['given twice around the record, the last one is kept: data'],
        within: { whole: body, beside: { ...around, shard: '9007199254740993' } },
      },
    ])
  })

  test('a large one is read as a small one is', async () => {
    const { post, intake } = await listening()
    const data = `{"list":["${'x'.repeat(300_000)}",9007199254740993]}`
    const body = event(
      { time: '2026-11-30T08:00:00Z', list: [1] },
      `,"shard":9007199254740993,"data":${data}`,
    )
    expect(await post('application/cloudevents+json', body)).toMatchObject({ status: 200 })
    const text = event({ data: 'y'.repeat(300_000), id: 'e-2' })
    expect(await post('application/cloudevents+json', text)).toMatchObject({ status: 200 })
    const beside = { ...around, time: '2026-11-30T08:00:00Z', list: [1], shard: '9007199254740993' }
    expect(intake.receivedTexts).toMatchObject([
      { text: data, within: { whole: body, beside } },
      { text: 'y'.repeat(300_000), within: { beside: { ...around, id: 'e-2' } } },
    ])
    expect(intake.receivedTexts[0]?.id).toEqual({ uid: 'e-1', producer: '/shop' })
  })

  test.each(['application/cloudevents+json', 'application/cloudevents-batch+json'])(
    'no %s at all',
    async (type) => {
      const { post } = await listening()
      expect(json((await post(type, ' \n')).body)).toEqual({ records: 0 })
    },
  )

  test.each([
    ['data twice told', { data: {}, data_base64: 'e30=' }, 'not both'],
    ['what is no base64', { data_base64: '!!!!' }, 'no base64'],
    ['what is no text at all', { data_base64: 7 }, 'no base64'],
    ['bytes that are no UTF-8', { data_base64: '//79' }, 'no text in UTF-8'],
  ])('%s is refused', async (_name, members, why) => {
    const { post, intake } = await listening()
    const answer = await post('application/cloudevents+json', event(members))
    expect(answer.status).toBe(400)
    expect(json(answer.body).detail).toContain(why)
    expect(intake.recordChunks).toEqual([])
  })
})

describe('binary mode', () => {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'e-1',
    'ce-source': '/shop%20%C3%A9',
    'ce-type': '"order.paid"',
    'ce-time': '2026-11-30T08:00:00Z',
    'ce-shard': 'seven',
  }

  test('the body is the record, the headers go along: as in structured mode', async () => {
    const { post, intake } = await listening()
    const data = '{"n":12345678901234567890}'
    expect(await post('application/json', `${data}\n`, headers)).toMatchObject({ status: 200 })
    expect(await post('text/plain', 'user=eve', { ...headers, 'ce-id': 'e-2' })).toMatchObject({
      status: 200,
    })
    const beside = { ...around, source: '/shop é', time: '2026-11-30T08:00:00Z', shard: 'seven' }
    const [first, second] = intake.receivedTexts
    expect(first).toMatchObject({
      text: data,
      id: { uid: 'e-1', producer: '/shop é' },
      time: '2026-11-30T08:00:00.000000000Z',
      within: { beside: { ...beside, datacontenttype: 'application/json' } },
    })
    expect(second).toMatchObject({ text: 'user=eve', id: { uid: 'e-2', producer: '/shop é' } })
    for (const { within } of [first!, second!]) {
      expect(await post('application/cloudevents+json', within!.whole)).toMatchObject({ status: 200 })
    }
    expect(intake.receivedTexts.length).toBe(2)
    expect(intake.repeats).toEqual([
      { duplicates: 1, conflicts: 0 },
      { duplicates: 1, conflicts: 0 },
    ])
  })

  test.each([
    ['no id', 'application/json', '{}', { 'ce-specversion': '1.0' }, 400, 'a CloudEvent has a text `id`'],
    ['no JSON', 'application/json', 'user=eve', headers, 400, 'the data of the CloudEvent is no JSON'],
    ['no data', 'application/json', '', headers, 400, 'the CloudEvent has no data'],
    ['another type', 'application/avro', 'x', headers, 415, 'application/avro is not taken'],
  ])('%s is refused', async (_name, type, body, given, status, why) => {
    const { post, intake } = await listening()
    const answer = await post(type, body, given)
    expect(answer.status).toBe(status)
    expect(json(answer.body).detail).toContain(why)
    expect(intake.recordChunks).toEqual([])
  })
})

describe('more beside the record than can be read', () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `"m${i}":1`).join(',')
  const data = `"data":{"user":"ada","pad":"${'x'.repeat(300_000)}"}`

  test.each([
    ['members', members(1_000)],
    ['bytes', `"m":[${'{},'.repeat(100_000)}{}]`],
  ])('%s: it is kept as it came, and known again', async (_what, beside) => {
    const { post, intake } = await listening()
    const body = event({}, `,${beside},${data}`)
    for (const _ of [1, 2]) {
      expect(await post('application/cloudevents+json', body)).toMatchObject({ status: 200 })
    }
    expect(intake.receivedTexts).toEqual([
      {
        text: body,
        id: { uid: 'e-1', producer: '/shop' },
        unread: 'not read: beside the record, it has more than 1000 members or 256 KiB',
      },
    ])
  })

  test('the data may hold as many', async () => {
    const { post, intake } = await listening()
    const large = `{"list":[${'{},'.repeat(100_000)}{}],${members(2_000)}}`
    expect(await post('application/cloudevents+json', event({}, `,"data":${large}`))).toMatchObject({
      status: 200,
    })
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'e-2', 'ce-source': '/shop', 'ce-type': 'order.paid' }
    expect(await post('application/json', large, headers)).toMatchObject({ status: 200 })
    expect(intake.receivedTexts.map(({ text }) => text)).toEqual([large, large])
    const torn = await post('application/json', large.slice(0, -1), { ...headers, 'ce-id': 'e-3' })
    expect(torn.status).toBe(400)
  })
})
