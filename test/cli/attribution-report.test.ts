import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { AttributionSurvey, otherActions } from '../../src/attribution/survey.ts'
import { reportCommand } from '../../src/cli/attribution-report.ts'
import { shapeNames } from '../../src/shapes/shape.ts'
import { shapes } from '../../src/shapes/shapes.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { scratchDirectory } from '../scratch-directory.ts'
import { lineWith } from '../shapes/events.ts'

const directory = scratchDirectory('report')

const event = (product: string, action: string, missing: readonly string[], more: object = {}) => ({
  action,
  attribution: { complete: missing.length === 0, ...(missing.length > 0 && { missing }), ...more },
  producer: { product },
  provenance: { receiver: 'app' },
  schema: 'audit-event/1',
})

const text = [
  ...Array.from({ length: 998 }, () => event('shop', 'order.read', [])),
  event('shop', 'order.pay', ['actor.id']),
  event('shop', 'order.pay', ['actor.id', 'targets']),
  event('auth', 'login', [], { enriched: ['actor.email'], conflicts: ['actor.name'] }),
  { ...event('affiant', 'affiant.agent.started', []), provenance: { receiver: 'affiant' } },
]
  .map((each) => `${JSON.stringify(each)}\n`)
  .join('')

async function report(files: readonly string[], input = '', json = false, top = 20) {
  let printed = ''
  const said: string[] = []
  const code = await reportCommand({
    files,
    json,
    top,
    input: Readable.from([Buffer.from(input)]),
    output: { write: (part) => (printed += part) },
    say: (line) => said.push(line),
  })
  return { code, printed, said }
}

test('a table: producers, and of their actions those that lack something', async () => {
  const { code, printed, said } = await report([], text)
  expect({ code, said }).toEqual({ code: 0, said: [] })
  expect(printed).toBe(`1,001 events, 99.8 % complete

producer  action     events  complete  missing
shop                  1,000    99.8 %  actor.id 2, targets 1
          order.pay       2       0 %  actor.id 2, targets 1
auth                      1     100 %

added by enrichers: actor.email 1
contradicted by enrichers: actor.name 1
`)
})

test('JSON has all of it, gzipped files are read as what they hold', async () => {
  const file = join(directory, 'events.ndjson.gz')
  // Two members, as a sink that appends writes them.
  writeFileSync(file, Buffer.concat([gzipSync(text), gzipSync(text)]))
  const { printed } = await report([file], '', true)
  const found = JSON.parse(printed)
  expect(found).toMatchObject({ events: 2002, complete: 1998, missing: { 'actor.id': 4, targets: 2 } })
  expect(found.producers[0]).toMatchObject({
    product: 'shop',
    events: 2000,
    actions: [
      { action: 'order.pay', events: 4, complete: 0, ratio: 0 },
      { action: 'order.read', events: 1996, ratio: 1, missing: {} },
    ],
  })
})

test('what is no event is named, and makes the exit code 1', async () => {
  const { code, said, printed } = await report([], `{"user":"u"}\n\nno JSON\n${text}`)
  expect(code).toBe(1)
  expect(said).toEqual([
    '-:1: is no event of schema audit-event/1, and of no shape that carries one',
    '-:3: is no JSON: one event a line is read',
  ])
  expect(printed).toContain('1,001 events')
  await expect(report([join(directory, 'none.ndjson')])).rejects.toThrow(/none\.ndjson cannot be read/)
})

test.each(shapeNames)('events in the shape %s', async (name) => {
  const lines = [lineWith(leastEvent, undefined, 1), lineWith(fullEvent, 'raw', 2)]
  const plain = await report([], lines.map((line) => `${line}\n`).join(''), true)
  const { code, printed, said } = await report(
    [],
    lines.map((line) => `${shapes[name].write(line)}\n`).join(''),
    true,
  )
  expect({ code, said }).toEqual({ code: 0, said: [] })
  expect(JSON.parse(printed).events).toBe(2)
  expect(printed).toBe(plain.printed)
})

test('a line that only looks like a shape is named', async () => {
  const document = shapes.ocsf.write(lineWith(leastEvent, undefined, 1))
  const { code, said } = await report([], `${document}\n{"class_uid":6003}\n`)
  expect(code).toBe(1)
  expect(said).toEqual([expect.stringMatching(/^-:2: /)])
})

test('few rows where few are asked for; nothing where there is nothing', async () => {
  expect((await report([], text, false, 0)).printed).toContain('and 1 more actions that lack something')
  expect((await report([])).printed).toBe('no events\n')
})

test('actions that never repeat are counted together', () => {
  const survey = new AttributionSurvey()
  for (let i = 0; i < 10_100; i++) survey.add(event('shop', `read ${i}`, []))
  const { actions } = survey.producers.get('shop')!
  expect(actions.size).toBe(10_001)
  expect(actions.get(otherActions)?.events).toBe(100)
})
