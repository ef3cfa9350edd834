import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { RequestIntake } from '../request-intake.ts'
import { listening, success } from './listening.ts'

test.each(['', '/event', '/event/1.0'])('%s takes objects that follow each other', async (path) => {
  const { post, intake } = await listening()
  const event = '{"n":12345678901234567890,"n":2, "text":"}{"}'
  const first = `{"time":1732400000.123456789,"host":"web-1","source":"app","sourcetype":"_json","index":"audit","event":${event},"fields":{"region":"eu","shard":3,"tags":["a","b"],"big":9007199254740993}}`
  const body = `${first}{"event":"user \\"u_1\\" signed in\\nfrom 10.0.0.1"} \r\n\t{"event":{}}\n`
  expect(await post(path, body)).toEqual(success)
  expect(intake.receivedTexts).toEqual([
    {
      text: event,
      time: '2024-11-23T22:13:20.123456789Z',
      within: {
        whole: first,
        beside: {
          time: '1732400000.123456789',
          host: 'web-1',
          source: 'app',
          sourcetype: '_json',
          index: 'audit',
          fields: { region: 'eu', shard: 3, tags: ['a', 'b'], big: '9007199254740993' },
        },
      },
    },
    { text: 'user "u_1" signed in\nfrom 10.0.0.1' },
    { text: '{}' },
  ])
  expect(intake.opened[0]?.metadata).toMatchObject({ protocol: 'splunk_hec' })
})

test('what the query string says holds for events that do not say it', async () => {
  const { post, intake } = await listening()
  expect(await post('/event?index=audit&source=a%20b&other=x', '{"event":"1","source":"own"}')).toEqual(
    success,
  )
  expect(intake.receivedTexts[0]?.within?.beside).toEqual({ index: 'audit', source: 'own' })
})

test.each(['1.7324000001255E9', '1732400000.1255e+0', '17.324000001255e08'])(
  'a time with an exponent, as Java writes it: %s',
  async (time) => {
    const { post, intake } = await listening()
    expect(await post('/event', `{"time":${time},"event":"1"}`)).toEqual(success)
    expect(intake.receivedTexts[0]?.time).toBe('2024-11-23T22:13:20.125500000Z')
  },
)

test('fields: null are no fields', async () => {
  const { post, intake } = await listening()
  expect(await post('/event', '{"event":"1","fields":null}')).toEqual(success)
  expect(intake.receivedTexts).toMatchObject([{ text: '1' }])
})

test('an event given twice is warned of, and the text of both goes along', async () => {
  const { post, intake } = await listening()
  const body = '{"event":"1","\\u0065vent":"2"}'
  expect(await post('/event', body)).toEqual(success)
  expect(intake.receivedTexts).toEqual([
    {
      text: '2',
      warnings: ['given twice around the record, the last one is kept: event'],
      within: { whole: body, beside: {} },
    },
  ])
})

test('gzip', async () => {
  const { post, intake } = await listening()
  const body = gzipSync('{"event":{"a":1}}')
  expect(await post('/event', body, { 'content-encoding': 'gzip' })).toEqual(success)
  expect(intake.receivedTexts).toEqual([{ text: '{"a":1}' }])
})

test.each([
  ['nothing', '', 5, undefined],
  ['white space', ' \n\t', 5, undefined],
  ['no JSON', 'hello', 6, 0],
  ['a list', '[{"event":1}]', 6, 0],
  ['a comma between', '{"event":1},{"event":2}', 6, 1],
  ['an object that is not closed', '{"event":1}{"event":', 6, 1],
  ['no event', '{"event":1}{"event":2}{"time":1}', 12, 2],
  ['event null', '{"event":null}', 12, 0],
  ['a blank event', '{"event":1}{"event":" "}', 13, 1],
  ['nested fields', '{"event":1,"fields":{"a":{"b":1}}}', 15, 0],
  ['fields that are none', '{"event":1,"fields":[]}', 15, 0],
  ['a time that is none', '{"event":1,"time":"yesterday"}', 6, 0],
  ['a time in a list', '{"event":1,"time":[1]}', 6, 0],
])('%s is refused, and what stands before it is taken in', async (_name, body, code, at) => {
  const { post, intake } = await listening()
  const told = await post('/event', body)
  expect(told).toMatchObject({ status: 400, code, detail: expect.any(String) })
  expect(told['invalid-event-number']).toBe(at)
  if (at !== undefined) expect(told.detail).toContain(`event ${at}: `)
  expect(intake.receivedTexts.map(({ text }) => text)).toEqual(['1', '2'].slice(0, at ?? 0))
})

test.each([
  ['invalid gzip', 'x', { 'content-encoding': 'gzip' }],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe]), {}],
] as const)('%s is invalid data', async (_name, body, headers) => {
  const { post } = await listening()
  expect(await post('/event', body, headers)).toMatchObject({ status: 400, code: 6 })
})

test('an event that lacks what is demanded is named as one that is invalid', async () => {
  class Rejecting extends RequestIntake {
    override async records(chunk: Parameters<RequestIntake['records']>[0]) {
      const receipt = await super.records(chunk)
      return { ...receipt, rejected: [{ index: 1, missing: ['actor.id'] }] }
    }
  }
  const { post } = await listening({}, new Rejecting())
  expect(await post('/event', '{"event":{}}{"event":{}}')).toEqual({
    status: 400,
    text: 'Invalid data format',
    code: 6,
    'invalid-event-number': 1,
    detail: '1 of 2 records were not taken in: record 1 lacks actor.id',
  })
})

test('a passing fault is a busy server', async () => {
  const { post, intake } = await listening()
  intake.refusal = new AffiantError('journal_unavailable', 'the disk is full')
  expect(await post('/event', '{"event":1}')).toMatchObject({ status: 503, text: 'Server is busy', code: 9 })
})

test('with more beside it than can be read it is kept as it came, and the next one read', async () => {
  const { post, intake } = await listening()
  const crowded = `{"event":{"user":"ada"},"fields":{},"pad":"${'x'.repeat(300_000)}"}`
  expect(await post('/event', `${crowded}{"event":"2"}`)).toEqual(success)
  expect(intake.receivedTexts).toEqual([
    { text: crowded, unread: expect.stringContaining('not read: beside the record') },
    { text: '2' },
  ])
})
