// A record that holds too much to be read: who did it is known all the same, and nothing of it is lost, or leaves unredacted.
import { expect, test } from 'vitest'
import { mostWeight } from '../../src/event/record-weight.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, observed, spec, stream } from './normalising.ts'

const objects = (first: string) => `[${first}${',{}'.repeat(mostWeight)}]`
const secret = { password: { of: 'hunter2' } }
const heavy = `{"user":"u_42","event":"order.list","rows":${objects(JSON.stringify(secret))},"password":"hunter3"}`
const warnings = [`not read, its ${mostWeight + 3} objects and lists are too many: rows`]

test('a line: its event has all but what is too much, and the line beside it', () => {
  const batch = lines(compileNormaliser(spec({ preset: 'json' })), `${heavy}\n{"user":"u_7","event":"x"}\n`)
  const [event, next] = eventsOf(batch)
  expect(event).toMatchObject({
    action: 'order.list',
    actor: { id: 'u_42' },
    quality: { parse: 'partial', warnings },
    raw: { encoding: 'utf-8', size: heavy.length },
    unmapped: { password: 'hunter3' },
  })
  expect(invalid(event!)).toBeUndefined()
  expect(Buffer.from(batch.raw).equals(Buffer.from(heavy))).toBe(true)
  expect(next).toMatchObject({ actor: { id: 'u_7' }, quality: { parse: 'ok' } })
})

test('with rules that take something out, only what was read is kept', () => {
  const rules = { redact: [{ key: ['password'], method: 'drop' as const }] }
  const batch = lines(compileNormaliser(spec({ preset: 'json' }, rules)), `${heavy}\n`)
  const [event] = eventsOf(batch)
  expect(event).toMatchObject({ actor: { id: 'u_42' }, quality: { parse: 'partial', warnings } })
  expect(event).toMatchObject({ raw: { size: heavy.length } })
  expect(Buffer.from(batch.raw).toString()).toBe('{"user":"u_42","event":"order.list"}')
})

test('what is nothing but too much is kept as it came', () => {
  const text = objects('{}')
  const normaliser = compileNormaliser(spec({ preset: 'auto' }))
  const batch = normaliser.records({ stream, records: [{ text }], index: 0, observed })
  expect(eventsOf(batch)).toMatchObject([{ quality: { parse: 'failed' }, raw: { size: text.length } }])
  expect(Buffer.from(batch.raw).equals(Buffer.from(text))).toBe(true)
  expect(batch.unparsed).toBe(1)
})

test('what a receiver says is not to be read is not, and is kept', () => {
  const text = '{"user":"u_42","event":"order.list"}'
  const normaliser = compileNormaliser(spec({ preset: 'auto' }))
  const batch = normaliser.records({ stream, records: [{ text, unread: 'too much' }], index: 0, observed })
  expect(eventsOf(batch)).toMatchObject([
    { action: 'unknown', quality: { parse: 'failed', warnings: ['too much'] } },
  ])
  expect(Buffer.from(batch.raw).toString()).toBe(text)
})
