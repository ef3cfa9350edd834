import { describe, expect, test } from 'vitest'
import { Acks, mostChannels, mostIds } from '../../../src/receivers/splunk_hec/acks.ts'
import { bearer, channel, listening, success } from './listening.ts'

const other = '00000000-0000-4000-8000-000000000000'

describe('with acknowledge: true', () => {
  test('each request has an id of its channel, which is true, once', async () => {
    const { post } = await listening({ acknowledge: true })
    const headers = { 'x-splunk-request-channel': channel }
    expect(await post('/event', '{"event":1}', headers)).toEqual({ ...success, ackId: 0 })
    expect(await post('/raw', 'one', headers)).toEqual({ ...success, ackId: 1 })
    expect(await post(`/event?channel=${other}`, '{"event":1}')).toEqual({ ...success, ackId: 0 })
    expect(await post('/ack', '{"acks":[1,2]}', headers)).toEqual({
      status: 200,
      acks: { 1: true, 2: false },
    })
    expect(await post('/ack', '{"acks":[0,1]}', headers)).toEqual({
      status: 200,
      acks: { 0: true, 1: false },
    })
    expect(await post(`/ack?channel=${other}`, '{"acks":[0]}')).toEqual({ status: 200, acks: { 0: true } })
  })

  test('they are true while the journal is full, too', async () => {
    const { post, intake } = await listening({ acknowledge: true })
    const path = `?channel=${channel}`
    expect(await post(path, '{"event":1}')).toMatchObject({ ackId: 0 })
    intake.press()
    expect(await post(path, '{"event":1}')).toMatchObject({ status: 503, code: 9 })
    expect(await post(`/ack${path}`, '{"acks":[0]}')).toEqual({ status: 200, acks: { 0: true } })
  })

  test('a request that is refused has none', async () => {
    const { post } = await listening({ acknowledge: true })
    const path = `?channel=${channel}`
    expect(await post(path, '{"event":1}{')).not.toHaveProperty('ackId')
    expect(await post(path, '{"event":1}')).toMatchObject({ ackId: 0 })
  })

  test('a channel is asked for', async () => {
    const { post } = await listening({ acknowledge: true })
    expect(await post('/event', '{"event":1}')).toMatchObject({ status: 400, code: 10 })
    expect(await post('/event?channel=x', '{"event":1}')).toMatchObject({ status: 400, code: 11 })
    expect(await post('/ack', '{"acks":[0]}')).toMatchObject({ status: 400, code: 10 })
  })

  test('nobody hears of the requests of another token', async () => {
    const { post } = await listening({
      acknowledge: true,
      auth: { bearer: [bearer('a', 'token-a'), bearer('b', 'token-b')] },
    })
    const path = `?channel=${channel}`
    const as = (token: string) => ({ authorization: `Splunk ${token}` })
    expect(await post(path, '{"event":1}', as('token-a'))).toMatchObject({ ackId: 0 })
    expect(await post(`/ack${path}`, '{"acks":[0]}', as('token-b'))).toMatchObject({ acks: { 0: false } })
    expect(await post(`/ack${path}`, '{"acks":[0]}', as('token-a'))).toMatchObject({ acks: { 0: true } })
  })

  test.each([
    ['', 5],
    ['{', 6],
    ['[0]', 6],
    ['{"acks":0}', 6],
    ['{"acks":["0"]}', 6],
    ['{"acks":[0.5]}', 6],
  ])('%j is no question', async (body, code) => {
    const { post } = await listening({ acknowledge: true })
    expect(await post(`/ack?channel=${channel}`, body)).toMatchObject({ status: 400, code })
  })
})

test('so many can be asked about, and no more', async () => {
  const { post } = await listening({ acknowledge: true })
  const path = `?channel=${channel}`
  const ask = (count: number, more = '') =>
    post(`/ack${path}`, `{"acks":[${Array.from({ length: count }, (_, id) => id).join()}]${more}}`)
  expect(await post(`/event${path}`, '{"event":1}')).toMatchObject({ ackId: 0 })
  expect(await ask(100_001)).toMatchObject({
    status: 400,
    code: 6,
    detail: 'the question is about 100001 ids: ask about 100000 ids at a time',
  })
  expect(await ask(10, `,"x":"${'x'.repeat(1024 ** 2)}"`)).toMatchObject({
    status: 413,
    detail: expect.stringContaining('has at most 1048576 bytes; ask about 100000 ids at a time'),
  })
  const answer = await ask(100_000)
  expect(answer).toMatchObject({ status: 200 })
  expect(Object.entries(answer.acks as object)).toHaveLength(100_000)
  expect(answer.acks).toMatchObject({ 0: true, 1: false })
})

test('without, nobody is told ids, and asking for them is refused', async () => {
  const { post } = await listening()
  expect(await post(`/event?channel=${channel}`, '{"event":1}')).toEqual(success)
  expect(await post(`/ack?channel=${channel}`, '{"acks":[0]}')).toMatchObject({
    status: 400,
    text: 'ACK is disabled',
    code: 14,
  })
})

describe('what nobody asks about is forgotten', () => {
  test('the ids of the channel that was used least recently', () => {
    const acks = new Acks()
    acks.next('first')
    acks.next('second')
    acks.ask('first', [])
    for (let n = 0; n < mostChannels - 1; n++) acks.next(`channel ${n}`)
    expect(acks.ask('second', [0])).toEqual({ 0: false })
    expect(acks.ask('first', [0])).toEqual({ 0: true })
  })

  test('of a single channel the oldest', () => {
    const acks = new Acks()
    for (let n = 0; n < mostIds + 2; n++) acks.next('only')
    expect(acks.ask('only', [0, 1, 2, mostIds + 1])).toEqual({
      0: false,
      1: false,
      2: true,
      [mostIds + 1]: true,
    })
    for (let n = 0; n < 2; n++) acks.next('only')
    expect(acks.ask('only', [3])).toEqual({ 3: true })
  })
})
