/** Every documented code over the wire: what becomes of the batch, and that nothing is there twice or not at all. */
import { expect, onTestFinished, test } from 'vitest'
import type { Outcome } from '../../../src/sinks/sink.ts'
import { batchOfMany, linesOf } from '../batches.ts'
import { type HecCode, hecCodes } from './hec-codes.ts'
import { HecServer } from './hec-server.ts'
import { hecSink } from './sink.ts'

const never = new AbortController().signal

const accepted: readonly HecCode[] = [0, 24, 25]
const later: readonly HecCode[] = [8, 9, 18, 19, 20, 23, 26, 27]
const refused: readonly HecCode[] = [5, 6, 12, 13, 15]

const kindOf = (code: HecCode): Outcome['kind'] => {
  if (accepted.includes(code)) return 'accepted'
  if (later.includes(code)) return 'later'
  return refused.includes(code) ? 'refused' : 'held'
}

// 17 is an answer to questions about health only.
const codes = (Object.keys(hecCodes).map(Number) as HecCode[]).filter((code) => code !== 17)

for (const acknowledge of [false, true]) {
  test.each(codes)(`code %i, acknowledge: ${acknowledge}`, async (code) => {
    const hec = await HecServer.open()
    hec.acknowledges = acknowledge
    const sink = hecSink({ url: hec.url, acknowledge })
    onTestFinished(async () => {
      await sink.stop()
      await hec[Symbol.asyncDispose]()
    })
    await sink.start()
    const batch = batchOfMany(3)
    hec.provoked = code
    const outcome = await sink.deliver(batch, never)
    expect(outcome.kind).toBe(kindOf(code))
    if (outcome.kind !== 'accepted') {
      const [status, text] = hecCodes[code]
      expect(outcome.reason).toBe(`HTTP ${status}, code ${code}: ${text}`)
      expect(hec.lines).toEqual([])
      hec.provoked = undefined
      expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    }
    expect(hec.lines).toEqual(linesOf(batch))
  })
}

test.each(['', '/', '/services/collector', '/services/collector/event', '/services/collector/raw/'])(
  'a URL with the path "%s" leads to the same place',
  async (path) => {
    await using hec = await HecServer.open()
    for (const endpoint of ['event', 'raw']) {
      const sink = hecSink({ url: hec.url + path, endpoint })
      await sink.start()
      expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
      await sink.stop()
    }
    expect(hec.lines).toHaveLength(2)
  },
)
