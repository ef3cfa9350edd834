import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auditEvent } from '../../src/event/audit-event.ts'
import { columns } from '../../src/parquet/columns.ts'
import { writeParquet } from '../../src/parquet/write.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { seed } from '../seed.ts'
import { jobOf, lineOf, origin } from './jobs.ts'
import { noEvents, oddEvents } from './odd-events.ts'
import { metadataOf, rowsOf } from './read-parquet.ts'

const jsonColumns = columns.filter(({ type }) => type === 'json').map(({ name }) => name)

describe('columns', () => {
  test('an event that has every member fills each of them', async () => {
    auditEvent().parse(fullEvent)
    const [row] = await rowsOf(writeParquet(jobOf([lineOf(fullEvent)])))
    expect(Object.keys(row ?? {})).toEqual(columns.map(({ name }) => name))
    expect(Object.entries(row ?? {}).filter(([, value]) => value === null)).toEqual([])
  })

  test('names are paths', () => {
    for (const { name, member } of columns) {
      const path = member.replace('targets[0]', 'target').replaceAll('.', '_')
      expect(name).toBe({ log_seq: 'seq', log_origin: 'origin', '': 'event' }[path] ?? path)
    }
  })

  test('none has the name of a folder that a key might have: {date}, {hour} and the like', () => {
    const folders = new Set(['agent', 'date', 'year', 'month', 'day', 'hour', 'epoch', 'range', 'tenant'])
    expect(columns.filter(({ name }) => folders.has(name))).toEqual([])
  })

  test('are the same whatever the events', () => {
    const schemaOf = (event: unknown) => metadataOf(writeParquet(jobOf([lineOf(event)]))).schema
    expect(schemaOf(leastEvent)).toEqual(schemaOf(fullEvent))
    expect(schemaOf({})).toEqual(schemaOf(fullEvent))
    expect(metadataOf(writeParquet(jobOf([]))).schema).toEqual(schemaOf(fullEvent))
  })
})

test('whatever is in events, columns hold what fits and `event` every byte', async () => {
  const compressions = fc.constantFrom('none', 'gzip', 'zstd')
  const events = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: oddEvents },
      noEvents.map((line) => ({ line, held: undefined })),
    ),
    { minLength: 1, maxLength: 40 },
  )
  const property = fc.asyncProperty(events, compressions, async (given, compression) => {
    const lines = given.map((each, seq) => ('line' in each ? each.line : lineOf(each.event, seq)))
    const rows = await rowsOf(writeParquet(jobOf(lines, { compression })))
    expect(rows).toHaveLength(given.length)
    for (const [index, row] of rows.entries()) {
      const { seq, origin: log, event, ...rest } = row
      expect([seq, log]).toEqual([BigInt(index), origin])
      expect(Buffer.from(String(event)).equals(Buffer.from(lines[index]!))).toBe(true)
      const held = given[index]?.held
      if (held === undefined) {
        // Some of those lines happen to be JSON, never with a member that is a column.
        expect(Object.values(rest).filter((value) => value !== null && value !== '[null]')).toEqual([])
        continue
      }
      const parsed = Object.entries(rest).map(([name, value]) => [
        name,
        jsonColumns.includes(name) && typeof value === 'string' ? JSON.parse(value) : value,
      ])
      expect(Object.fromEntries(parsed)).toEqual(held)
    }
  })
  await fc.assert(property, { seed, numRuns: 100 })
})

test('JSON is the text that is in the event', async () => {
  const targets = [{ attributes: { 10: 'a', 9: 'b', '-': 1e21, ö: [] }, id: 'x' }]
  const line = lineOf({ ...fullEvent, targets })
  const [row] = await rowsOf(writeParquet(jobOf([line])))
  expect(line).toContain(`"targets":${String(row?.targets)},`)
  expect(line).toContain(`"delegation":${String(row?.delegation)},`)
  expect(line).toContain(`"scope":${String(row?.scope)},`)
})

test('a depth that is none of ours is null, not a failure', async () => {
  const deep = `{"targets":${'['.repeat(5000)}${']'.repeat(5000)},"action":"a"}`
  const [row] = await rowsOf(writeParquet(jobOf([deep, '{"targets":[1e400]}'])))
  expect(row).toMatchObject({ targets: null, action: 'a', event: deep })
})

test('the same events are the same bytes', () => {
  const lines = Array.from({ length: 500 }, (_, seq) => lineOf({ ...fullEvent, id: `id-${seq % 7}` }, seq))
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    const [once, twice] = [1, 2].map(() => Buffer.from(writeParquet(jobOf(lines, { compression }))))
    expect(once!.equals(twice!)).toBe(true)
  }
})

test('what does not fit into one row group makes several, with bounds of time in each', async () => {
  const second = (index: number) => `2026-11-23T11:00:${String(index).padStart(2, '0')}.123456789Z`
  const large = Array.from({ length: 12 }, (_, seq) =>
    lineOf({ ...leastEvent, time: second(seq), message: 'x'.repeat(2 ** 20) }, seq),
  )
  const many = Array.from({ length: 25_000 }, (_, seq) =>
    lineOf({ time: second(Math.floor(seq / 500)) }, seq),
  )
  for (const { lines, groups } of [
    { lines: large, groups: [7, 5] },
    { lines: many, groups: [10_000, 10_000, 5_000] },
  ]) {
    const file = writeParquet(jobOf(lines))
    const { row_groups } = metadataOf(file)
    expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual(groups)
    const time = columns.findIndex(({ name }) => name === 'time')
    const rows = await rowsOf(file)
    expect(rows.map(({ event }) => event)).toEqual(lines)
    let at = 0
    for (const { columns: chunks, num_rows } of row_groups) {
      const here = rows.slice(at, at + Number(num_rows)).map((row) => row.time)
      at += here.length
      const { min_value, max_value } = chunks[time]?.meta_data?.statistics ?? {}
      const bounds = [min_value, max_value].map((bound) => (bound instanceof Date ? bound.getTime() : bound))
      expect(bounds).toEqual([here[0], here.at(-1)].map((each) => Math.floor(Number(each) / 1000)))
    }
  }
})

test('one event of 5 MB among others', async () => {
  const lines = [leastEvent, { ...fullEvent, message: 'ü'.repeat(2_500_000) }, leastEvent].map(lineOf)
  const rows = await rowsOf(writeParquet(jobOf(lines)))
  expect(rows.map(({ event }) => event)).toEqual(lines)
})
