import { expect, test } from 'vitest'
import { channel, listening, success } from './listening.ts'

test.each(['/raw', '/raw/1.0'])(
  '%s: a record is a line, with what the query string says of all',
  async (path) => {
    const { post, intake } = await listening()
    const query = `channel=${channel}&host=web-1&source=%2Fvar%2Flog&sourcetype=st&index=audit&other=x`
    expect(await post(`${path}?${query}`, 'one\r\n\n{"event":2}\nthree')).toEqual(success)
    const beside = { host: 'web-1', source: '/var/log', sourcetype: 'st', index: 'audit' }
    expect(intake.receivedTexts).toEqual(
      ['one', '{"event":2}', 'three'].map((text) => ({ text, within: { whole: text, beside } })),
    )
  },
)

test('with nothing said, a record is its line', async () => {
  const { post, intake } = await listening()
  expect(await post('/raw?host=', 'one', { 'x-splunk-request-channel': channel.toUpperCase() })).toEqual(
    success,
  )
  expect(intake.receivedTexts).toEqual([{ text: 'one' }])
})

test('without lines there is no data', async () => {
  const { post } = await listening()
  expect(await post(`/raw?channel=${channel}`, '\n \n')).toMatchObject({ status: 400, code: 5 })
})

test('a channel is asked for where ids are counted for it; one that is given must be a GUID', async () => {
  const { post, intake } = await listening()
  expect(await post('/raw?sourcetype=st', 'one')).toEqual(success)
  expect(intake.receivedTexts.map(({ text }) => text)).toEqual(['one'])
  expect(await post('/raw?channel=7', 'one')).toMatchObject({
    status: 400,
    text: 'Invalid data channel',
    code: 11,
  })
  const acknowledging = await listening({ acknowledge: true })
  expect(await acknowledging.post('/raw', 'one')).toMatchObject({
    status: 400,
    text: 'Data channel is missing',
    code: 10,
  })
})
