import { expect, test } from 'vitest'
import { listening } from './listening.ts'

test.each([
  ['application/json; charset=UTF-8', 'utf8'],
  ['Application/JSON;charset="utf8"', 'utf8'],
  ['application/json; charset=iso-8859-1', 'latin1'],
] as const)('%s', async (type, encoding) => {
  const { post, intake } = await listening()
  expect(await post(type, Buffer.from('{"user":"é"}', encoding))).toMatchObject({ status: 200 })
  expect(intake.receivedTexts).toEqual([{ text: '{"user":"é"}' }])
})

test('a charset that is not read is said to be, rather than its bytes taken for UTF-8', async () => {
  const { post, intake } = await listening()
  const answer = await post('text/plain; charset=utf-16le', Buffer.from('user=eve', 'utf16le'))
  expect(answer.status).toBe(415)
  expect(JSON.parse(answer.body.toString()).detail).toBe('the charset utf-16le is not taken; send UTF-8')
  expect(intake.recordChunks).toEqual([])
})
