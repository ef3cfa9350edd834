import { afterEach, describe, expect, test } from 'vitest'
import type { NormalisedBatch, Normaliser } from '../../src/normalise/contract.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { createNormaliserPool, type NormaliserPool } from '../../src/normalise/pool.ts'
import { eventsOf, observed, spec, stream } from './normalising.ts'

let pool: NormaliserPool | undefined
afterEach(() => pool?.close())

const chunk = (from: number) => {
  const bytes = new Uint8Array(Buffer.from(`{"event":"a.create","n":${from}}\n{"event":"a.read","ä":"ö"}\n`))
  return { stream, bytes, offset: from * 1000, observed }
}

test('threads make what the main thread makes', async () => {
  pool = await createNormaliserPool([spec({ preset: 'json' })], 2)
  const inline = await createNormaliserPool([spec({ preset: 'json' })], 0)
  const chunks = Array.from({ length: 12 }, (_, i) => chunk(i))
  const made = await Promise.all(chunks.map(async (one) => pool!.normaliser('app').lines(one)))
  for (const [i, batch] of made.entries()) {
    const expected = await inline.normaliser('app').lines(chunks[i]!)
    expect(Buffer.from(batch.payload)).toEqual(Buffer.from(expected.payload))
    expect(batch.lengths).toEqual(expected.lengths)
    expect(batch.routes).toEqual(expected.routes)
  }
  const records = { stream, records: [{ value: { user: 'u' } }], index: 0, observed }
  expect(eventsOf(await pool.normaliser('app').records(records))).toMatchObject([{ actor: { id: 'u' } }])
})

test('what a dying thread leaves is done all the same', async () => {
  pool = await createNormaliserPool([spec({ preset: 'json' })], 1)
  const pending = Array.from({ length: 20 }, async (_, i) => pool!.normaliser('app').lines(chunk(i)))
  await pool.close()
  const batches = await Promise.all(pending)
  expect(batches.map(({ count }) => count)).toEqual(batches.map(() => 2))
  expect(await pool.normaliser('app').lines(chunk(1))).toMatchObject({ count: 2 })
})

test('a specification that is wrong is an error at once', async () => {
  await expect(createNormaliserPool([spec({ preset: 'nope' })], 1)).rejects.toThrow(/no preset/)
})

describe('without threads of its own, a record of megabytes holds nobody up', () => {
  const list = `{"event":"a.read","list":["${'x'.repeat(2.2 * 1024 ** 2)}"]}`
  const large = { stream, records: [{ text: list }], index: 0, observed }
  const decoded = { ...large, records: [{ value: JSON.parse(list), size: list.length }] }
  const lines = { stream, bytes: new Uint8Array(Buffer.from(`${list}\n`)), offset: 0, observed }

  test.each([
    ['as a record', (normaliser: Normaliser) => normaliser.records(large)],
    ['as an object', (normaliser: Normaliser) => normaliser.records(decoded)],
    ['as a line', (normaliser: Normaliser) => normaliser.lines(lines)],
  ])('%s', async (_what, run) => {
    pool = await createNormaliserPool([spec({ preset: 'json' })], 0)
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    const running = run(pool.normaliser('app'))
    setImmediate(count)
    const batch = await running
    isDone = true
    // It is one turn where it is done here.
    expect(turns).toBeGreaterThan(10)
    const inline = await run(compileNormaliser(spec({ preset: 'json' })))
    const plain = (one: NormalisedBatch) => eventsOf(one).map(({ id: _id, ...rest }) => JSON.stringify(rest))
    expect(plain(batch)).toEqual(plain(inline))
  })

  test('also when the pool is closed meanwhile', async () => {
    pool = await createNormaliserPool([spec({ preset: 'json' })], 0)
    const running = pool.normaliser('app').records(large)
    await pool.close()
    expect(await running).toMatchObject({ count: 1 })
    expect(await pool.normaliser('app').records(large)).toMatchObject({ count: 1 })
  })
})
