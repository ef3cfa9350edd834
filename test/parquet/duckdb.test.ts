/** What an engine that shares nothing with us makes of the files. */
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { columns } from '../../src/parquet/columns.ts'
import { writeParquet } from '../../src/parquet/write.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { seed } from '../seed.ts'
import { type Engine, openEngine } from './duckdb.ts'
import { jobOf, lineOf } from './jobs.ts'
import { oddEvents } from './odd-events.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine[Symbol.dispose]())

const types: Readonly<Record<string, string>> = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  time: 'TIMESTAMP WITH TIME ZONE',
  int32: 'INTEGER',
  int64: 'BIGINT',
  boolean: 'BOOLEAN',
}

test('many objects are one table, whatever is in each', async () => {
  using directory = new WorkDirectory()
  const lines: string[] = []
  // One file without a severity, a target, an actor's id; one compressed in each way; one of many rows.
  const batches = [
    { events: [leastEvent], compression: 'none' },
    { events: [fullEvent], compression: 'gzip' },
    { events: [{}], compression: 'zstd' },
    {
      events: Array.from({ length: 12_000 }, (_, index) => ({
        ...fullEvent,
        actor: { type: 'user', id: `u_${index % 1000}` },
        time: `2026-11-23T12:${String(Math.floor(index / 200)).padStart(2, '0')}:00.123456789Z`,
      })),
      compression: 'zstd',
    },
  ] as const
  for (const [index, { events, compression }] of batches.entries()) {
    const first = lines.length
    lines.push(...events.map((event, at) => lineOf(event, first + at)))
    const seqs = Float64Array.from(events, (_, at) => first + at)
    writeFileSync(
      directory.at(`${index}.parquet`),
      writeParquet(jobOf(lines.slice(first), { compression, seqs })),
    )
  }
  const table = `'${directory.at('*.parquet')}'`

  const described = await engine.rows(`describe select * from ${table}`)
  expect(described.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
    columns.map(({ name, type }) => [name, types[type]]),
  )
  expect(
    await engine.rows(`select count(*) as n, min(time) as first, max(time) as last from ${table}`),
  ).toEqual([{ n: '12003', first: '2026-11-23 11:00:00+00', last: '2026-11-23 12:59:00.123456+00' }])
  expect(
    await engine.rows(
      `select count(*) as n, min(time) as first, bool_and(attribution_complete) as whole from ${table} where actor_id = 'u_42'
       and time < '2026-11-23 12:30:00Z'`,
    ),
  ).toEqual([{ n: '7', first: '2026-11-23 11:00:00+00', whole: false }])
  expect(await engine.rows(`select seq from ${table} where actor_type is null`)).toEqual([{ seq: '2' }])
  expect(
    await engine.rows(
      `select distinct targets->'$[0].attributes'->>'amount' as a from ${table} where seq > 2`,
    ),
  ).toEqual([{ a: '12.5' }])
  const events = await engine.rows(`select event from ${table} order by origin, seq`)
  expect(events.map(({ event }) => event)).toEqual(lines)
})

test('whatever is in events, every column is as another reader has it', async () => {
  using directory = new WorkDirectory()
  const file = directory.at('odd.parquet')
  const kept = columns.filter(({ always, type }) => !always && type !== 'json')
  const select = kept.map(({ name, type }) => (type === 'time' ? `epoch_us(${name}) as ${name}` : name))
  const property = fc.asyncProperty(fc.array(oddEvents, { minLength: 1, maxLength: 30 }), async (given) => {
    const lines = given.map(({ event }, seq) => lineOf(event, seq))
    writeFileSync(file, writeParquet(jobOf(lines)))
    const rows = await engine.rows(`select ${select.join(', ')}, event from '${file}' order by seq`)
    const wanted = given.map(({ held }, index) => ({
      ...Object.fromEntries(kept.map(({ name }) => [name, plain(held[name])])),
      event: lines[index],
    }))
    expect(rows).toEqual(wanted)
  })
  await fc.assert(property, { seed, numRuns: 30 })
})

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
