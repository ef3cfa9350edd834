import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { send } from '../otlp/listening.ts'
import { listening } from './listening.ts'

const json = (body: Buffer) => JSON.parse(body.toString())

describe('every format', () => {
  test.each([
    ['one object', 'application/json', ' {"a":1} ', [' {"a":1} ']],
    [
      'a list',
      'application/json; charset=utf-8',
      '[{"a":1}, {"b":"]},["},{"c":[{}]}\n]',
      ['{"a":1}', ' {"b":"]},["}', '{"c":[{}]}\n'],
    ],
    ['an empty list', 'application/json', ' [ ] ', []],
    ['nothing', 'application/json', '', []],
    ['a byte order mark', 'application/json', '\uFEFF{"a":1}', ['{"a":1}']],
    ['lines of JSON', 'application/x-ndjson', '{"a":1}\r\n\n{"b":"\\n"}', ['{"a":1}', '{"b":"\\n"}']],
    ['lines of JSON, by another name', 'application/jsonl', '{"a":1}\n', ['{"a":1}']],
    ['texts', 'text/plain', 'user=eve\n\nuser=bob\r\n', ['user=eve', 'user=bob']],
    [
      'what JSON.parse would lose',
      'application/json',
      '[{"n":12345678901234567890,"n":1e400}]',
      ['{"n":12345678901234567890,"n":1e400}'],
    ],
    ['escapes', 'application/json', '[{"a":"\\\\"},{"b":"\\"]"}]', ['{"a":"\\\\"}', '{"b":"\\"]"}']],
  ])('%s', async (_name, type, body, texts) => {
    const { post, intake } = await listening()
    const answer = await post(type, body)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(json(answer.body)).toEqual({ records: texts.length })
    expect(intake.receivedTexts.map(({ text }) => text)).toEqual(texts)
  })

  test('a CloudEvent, and a batch of them: data is the record, the rest goes along', async () => {
    const { post, intake } = await listening()
    const event = {
      specversion: '1.0',
      id: 'e-1',
      source: '/shop',
      type: 'order.paid',
      time: '2026-11-30T08:00:00Z',
    }
    const first = JSON.stringify(event).replace(/\}$/, ',"data":{"n":12345678901234567890}}')
    expect(await post('application/cloudevents+json', first)).toMatchObject({ status: 200 })
    const when = '2026-11-30T08:00:00.000000000Z'
    const second = JSON.stringify({
      ...event,
      id: 'e-2',
      time: 'today',
      data: 'user=eve',
      datacontenttype: 'text/plain',
    })
    const third = JSON.stringify({
      ...event,
      id: 'e-3',
      time: '2026-11-30T09:00:00.5+01:00',
      data_base64: Buffer.from('{"é":1}').toString('base64'),
    })
    expect(await post('application/cloudevents-batch+json', `[${second},${third}]`)).toMatchObject({
      status: 200,
    })
    expect(intake.receivedTexts).toEqual([
      {
        text: '{"n":12345678901234567890}',
        id: { uid: 'e-1', producer: '/shop' },
        time: when,
        within: { whole: first, beside: event },
      },
      {
        text: 'user=eve',
        id: { uid: 'e-2', producer: '/shop' },
        warnings: ['the `time` of the CloudEvent is no time of RFC 3339: it is not used'],
        within: {
          whole: second,
          beside: { ...event, id: 'e-2', time: 'today', datacontenttype: 'text/plain' },
        },
      },
      {
        text: '{"é":1}',
        id: { uid: 'e-3', producer: '/shop' },
        time: '2026-11-30T08:00:00.500000000Z',
        within: { whole: third, beside: { ...event, id: 'e-3', time: '2026-11-30T09:00:00.5+01:00' } },
      },
    ])
  })

  test('gzip, and another path', async () => {
    const { post, intake, port } = await listening({ path: '/audit' })
    expect(await post('application/json', gzipSync('{"a":1}'), { 'content-encoding': 'gzip' })).toMatchObject(
      {
        status: 200,
      },
    )
    expect(intake.receivedTexts).toEqual([{ text: '{"a":1}' }])
    expect(await send(port, { method: 'POST', path: '/' }, '{}')).toMatchObject({ status: 404 })
    expect(await send(port, { method: 'GET', path: '/audit' })).toMatchObject({ status: 405 })
  })
})

describe('errors are problem details, and nothing is taken in', () => {
  test.each([
    [
      'a list with bad records',
      'application/json',
      '[{},7,{"a":},null,[]]',
      [
        '4 of 5 records',
        'record 1: an object belongs there, not a number',
        'record 2: ',
        'record 3: an object belongs there, not null',
        'record 4: an object belongs there, not a list',
      ],
    ],
    ['a line that is cut off', 'application/x-ndjson', '{"a":1}\n{"b":', ['1 of 2 records', 'record 1: ']],
    ['a list that is not closed', 'application/json', '[{"a":1},', ['no JSON list: it is not closed']],
    ['a list with something behind it', 'application/json', '[{}] {}', ['something follows the list']],
    ['a list with a comma too many', 'application/json', '[{},]', ['record 1: ']],
    ['what is no JSON', 'application/json', 'user=eve', ['record 0: ']],
    [
      'a CloudEvent without a source',
      'application/cloudevents+json',
      '{"specversion":"1.0","id":"1","type":"t","data":{}}',
      ['a CloudEvent has a text `source`'],
    ],
    [
      'a CloudEvent without data',
      'application/cloudevents+json',
      '{"specversion":"1.0","id":"1","type":"t","source":"s"}',
      ['has no `data`'],
    ],
    ['a batch that is none', 'application/cloudevents-batch+json', '{}', ['is a JSON list']],
  ])('%s', async (_name, type, body, texts) => {
    const { post, intake } = await listening()
    const answer = await post(type, body)
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } })
    const problem = json(answer.body)
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', title: expect.any(String) })
    for (const text of texts) expect(problem.detail).toContain(text)
    expect(intake.recordChunks).toEqual([])
  })

  test('of a hundred bad records twenty are named', async () => {
    const { post } = await listening()
    const { body } = await post('application/x-ndjson', '7\n'.repeat(100))
    expect(json(body).detail).toMatch(/^100 of 100 .*record 19: [^;]*; and 80 more$/)
  })

  test('bytes that are not UTF-8', async () => {
    const { post } = await listening()
    const answer = await post('text/plain', Buffer.from([0x61, 0xff, 0x0a]))
    expect(answer.status).toBe(400)
    expect(json(answer.body).detail).toBe('the body is not UTF-8')
  })

  test.each(['application/x-www-form-urlencoded', 'application/xml', ''])(
    '415 for "%s", with what is taken',
    async (type) => {
      const { port } = await listening()
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
      const answer = await send(port, { method: 'POST', path: '/', headers }, '{}')
      expect(answer.status).toBe(415)
      expect(json(answer.body).detail).toContain('application/x-ndjson')
    },
  )

  test('what can pass is 503', async () => {
    const { post, intake } = await listening()
    intake.refusal = new AffiantError('journal_full', 'full')
    expect(await post('application/json', '{}')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    })
    intake.refusal = undefined
    intake.press('journal: 10 GiB of 10 GiB used')
    const answer = await post('application/json', '{}')
    expect(answer.status).toBe(503)
    expect(json(answer.body)).toMatchObject({
      code: 'journal_full',
      detail: 'journal: 10 GiB of 10 GiB used',
    })
  })
})

test.each([
  ['{"n":1}\n{"n":2,"text":"TEXT"}', 'another one follows it'],
  ['{"n":1,"text":"TEXT"', 'it is not closed'],
  ['{"n":1,"text":"TEXT"}]', 'it does not begin with {'],
  ['"TEXT"', 'it does not begin with {'],
])('over `max_record`, too, a body that is no object is refused: %s', async (body, why) => {
  const { post, intake } = await listening({ max_record: '1KiB' })
  const answer = await post('application/json', body.replace('TEXT', 'x'.repeat(2_000)))
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body.toString()).detail).toContain(why)
  expect(intake.receivedTexts).toEqual([])
})

test('a body of several chunks is committed in order, and answered after the last', async () => {
  const { post, intake } = await listening()
  const body = Array.from({ length: 2500 }, (_, n) => `{"n":${n}}\n`).join('')
  expect(json((await post('application/x-ndjson', body)).body)).toEqual({ records: 2500 })
  expect(intake.recordChunks.map(({ index, records }) => [index, records.length])).toEqual([
    [0, 1000],
    [1000, 1000],
    [2000, 500],
  ])
  expect(intake.receivedTexts.map(({ text }) => text)).toEqual(body.trim().split('\n'))
})

test('its stream says what it is', async () => {
  const { post, intake, port, receiver } = await listening()
  await post('application/json', '{}')
  expect(intake.opened.map(({ metadata }) => metadata)).toEqual([
    { protocol: 'http', listen: `127.0.0.1:${port}`, tls: false, authentication: 'none' },
  ])
  expect(receiver.describe().what).toBe(`127.0.0.1:${port} HTTP`)
})
