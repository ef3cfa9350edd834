// Records that a receiver framed: their place, container facts and warnings are in their events, whichever way they take.
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { generationWords, recordId } from '../../src/event/id.ts'
import type { LineChunk, RecordFrames } from '../../src/event/record.ts'
import { splitLines } from '../../src/normalise/decode/lines.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, observed, spec, stream } from './normalising.ts'

const json = spec({ preset: 'json' })

function chunk(texts: readonly string[], frames: Partial<RecordFrames> = {}, offset = 0): LineChunk {
  const bytes = new Uint8Array(Buffer.from(texts.map((text) => `${text}\n`).join('')))
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length + 1, 0))
  const ends = starts.map((start, i) => start + lengths[i]!)
  const offsets = starts.map((start) => offset + start)
  return { stream, bytes, offset, observed, frames: { starts, ends, offsets, lengths, ...frames } }
}

const record = (i: number) =>
  JSON.stringify({ ts: '2026-11-23T07:58:33Z', user: `u_${i}`, event: 'invoice.approve', n: i })

test.each([true, false])('frames that say what lines say change no byte (stencils: %s)', (stencils) => {
  const texts = Array.from({ length: 500 }, (_, i) => (i % 50 === 7 ? `not JSON ${i}` : record(i)))
  const framed = chunk(texts, {}, 73)
  const { starts, ends } = splitLines(framed.bytes, false)
  expect({ starts, ends }).toMatchObject({ starts: framed.frames!.starts, ends: framed.frames!.ends })
  const { frames: _, ...plain } = framed
  const one = compileNormaliser(json, { stencils })
  const other = compileNormaliser(json, { stencils })
  expect(Buffer.from(one.lines(framed).payload)).toEqual(Buffer.from(other.lines(plain).payload))
  expect(one.served > 0).toBe(stencils)
})

test.each([true, false])('offset, length and id are the frames’ (stencils: %s)', (stencils) => {
  const texts = Array.from({ length: 100 }, (_, i) => record(i))
  const offsets = texts.map((_, i) => 5_000_000_000 + 1_000 * i)
  const lengths = texts.map((_, i) => 500 + i)
  const normaliser = compileNormaliser(json, { stencils })
  const events = eventsOf(normaliser.lines(chunk(texts, { offsets, lengths })))
  expect(events).toHaveLength(100)
  for (const [i, event] of events.entries()) {
    expect(event.provenance).toMatchObject({ offset: offsets[i], length: lengths[i] })
    expect(event.id).toBe(recordId(generationWords(stream.id), offsets[i]!, crc32(texts[i]!), 0))
  }
  expect(normaliser.served > 0).toBe(stencils)
})

test('a record of several lines is read as one', () => {
  const { payload } = compileNormaliser(spec({ preset: 'plain' })).lines(
    chunk(['Error\n  at a\n  at b', 'next']),
  )
  const text = Buffer.from(payload).toString().trimEnd()
  const messages = text.split('\n').map((line): unknown => JSON.parse(line).message)
  expect(messages).toEqual(['Error\n  at a\n  at b', 'next'])
})

const container = { time: '2026-11-23T08:58:33.5+01:00', output: 'stderr' as const }

test('what the container runtime said', () => {
  const texts = ['{"event":"a"}', '{"event":"b","ts":"2026-11-23T01:02:03Z"}', 'not JSON', '{"event":"c"}']
  const containers = [container, container, container, undefined]
  const events = eventsOf(compileNormaliser(json).lines(chunk(texts, { containers })))
  expect(events).toMatchObject([
    { time: '2026-11-23T07:58:33.500000000Z', time_source: 'inferred', metadata: { container } },
    { time: '2026-11-23T01:02:03.000000000Z', time_source: 'event', metadata: { container } },
    {
      time: '2026-11-23T07:58:33.500000000Z',
      time_source: 'inferred',
      metadata: { container },
      quality: { parse: 'failed' },
    },
    { time: '2026-11-23T12:00:01.000000000Z', time_source: 'observed' },
  ])
  expect(events[3]).not.toHaveProperty('metadata')
  for (const event of events)
    expect(invalid({ ...event, ...(event.raw ? { raw_data: '' } : {}) })).toBeUndefined()
})

test('a time that is none is kept as it is, and is not the event’s', () => {
  const containers = [{ time: 'soon', output: 'stdout' as const }]
  const [event] = eventsOf(compileNormaliser(json).lines(chunk(['{"event":"a"}'], { containers })))
  expect(event).toMatchObject({ time_source: 'observed', metadata: { container: containers[0] } })
})

test('metadata.container of a mapping stays', () => {
  const mapping = {
    action: 'event',
    'metadata.container': 'box',
    'metadata.a': 'event',
    'metadata.z': 'event',
  }
  const normaliser = compileNormaliser(spec(mapping))
  const [own, other] = eventsOf(
    normaliser.lines(
      chunk(['{"event":"a","box":"mine"}', '{"event":"a"}'], { containers: [container, container] }),
    ),
  )
  expect(own).toMatchObject({
    metadata: { container: 'mine' },
    quality: { warnings: [expect.stringContaining('metadata.container')] },
  })
  expect(Object.keys(other!.metadata as object)).toEqual(['a', 'container', 'z'])
})

test('warnings of the framing are the event’s, read or not', () => {
  const warnings = [['cut off'], ['cut off'], undefined]
  const texts = ['{"event":"a"}', 'not JSON', '{"event":"a"}']
  const events = eventsOf(compileNormaliser(json).lines(chunk(texts, { warnings })))
  expect(events[0]!.quality).toEqual({ parse: 'ok', warnings: ['cut off'] })
  expect(events[1]!.quality).toMatchObject({ parse: 'failed', warnings: [expect.any(String), 'cut off'] })
  expect(events[2]!.quality).toEqual({ parse: 'ok' })
})

test('an oversize record that was joined', () => {
  const oversize = { size: 20_000_000, sha256: 'a1b2c3d4'.padEnd(64, '0') }
  const framed = chunk(['head'], { offsets: [7], lengths: [20_500_000], containers: [container] })
  const bytes = framed.bytes.slice(0, 4)
  const [event] = eventsOf(compileNormaliser(json).lines({ ...framed, bytes, oversize }))
  expect(event).toMatchObject({
    id: recordId(generationWords(stream.id), 7, 0xa1b2c3d4, 0),
    metadata: { container },
    provenance: { offset: 7, length: 20_500_000 },
    quality: { parse: 'failed' },
    raw: { sha256: oversize.sha256, size: 20_000_000, truncated: true },
    time_source: 'inferred',
  })
})
