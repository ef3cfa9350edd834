// What a record of the audit signal MUST have, and SHOULD: a request with one that lacks it is refused whole, and names each.
import { expect, test } from 'vitest'
import { bytesField } from '../../../../src/receivers/server/protobuf-fields.ts'
import { auditing } from './listening.ts'
import { type Any, record, request, text, uuid } from './records.ts'

const id = { stringValue: 'x' }
type More = Readonly<Record<string, unknown>>

const faults: readonly (readonly [string, Readonly<Record<string, Any | undefined>>, More, string])[] = [
  ['no Timestamp', {}, { timeUnixNano: undefined }, 'it has no Timestamp'],
  ['no ObservedTimestamp', {}, { observedTimeUnixNano: '0' }, 'it has no ObservedTimestamp'],
  [
    'Timestamp after ObservedTimestamp',
    {},
    { timeUnixNano: '1795417113120400001' },
    'its Timestamp is later than its ObservedTimestamp',
  ],
  ['no EventName', {}, { eventName: '' }, 'it has no EventName'],
  ['no id', { 'audit.record.id': undefined }, {}, 'it has no audit.record.id'],
  ['an id that is a number', { 'audit.record.id': { intValue: 7 } }, {}, 'audit.record.id is no string'],
  ['an empty id', { 'audit.record.id': text('') }, {}, 'audit.record.id is empty'],
  [
    'a long id',
    { 'audit.record.id': text('x'.repeat(300)) },
    {},
    'audit.record.id is longer than 256 characters',
  ],
  [
    'the nil UUID',
    { 'audit.record.id': text('00000000-0000-0000-0000-000000000000') },
    {},
    'audit.record.id is the nil or the max UUID, which identify nothing',
  ],
  ['no actor', { 'audit.actor.id': undefined }, {}, 'it has no audit.actor.id'],
  ['an actor without a type', { 'audit.actor.type': undefined }, {}, 'it has no audit.actor.type'],
  ['no action', { 'audit.action': text('') }, {}, 'audit.action is empty'],
  ['no outcome', { 'audit.outcome': undefined }, {}, 'it has no audit.outcome'],
  [
    'another outcome',
    { 'audit.outcome': text('ok') },
    {},
    'audit.outcome is none of success, failure and unknown: "ok"',
  ],
  [
    'a number that is a text',
    { 'audit.sequence.number': text('1') },
    {},
    'audit.sequence.number is no integer from 0 on',
  ],
  [
    'a negative number',
    { 'audit.sequence.number': { intValue: -1 } },
    {},
    'audit.sequence.number is no integer from 0 on',
  ],
  [
    'a hash that is none',
    { 'audit.prev.hash': { intValue: 1 } },
    {},
    'audit.prev.hash is no string, or empty',
  ],
  ['an end that is a text', { 'audit.sequence.end': text('true') }, {}, 'audit.sequence.end is no boolean'],
  [
    'a proof that is no text',
    { 'audit.integrity.value': { intValue: 1 } },
    {},
    'audit.integrity.value is no string',
  ],
  [
    'a proof without its algorithm',
    { 'audit.integrity.value': text('AAAA') },
    {},
    'audit.integrity.value is set, and its Resource has no audit.integrity.algorithm',
  ],
  ['attributes that are no list', {}, { attributes: {} }, 'an array was expected, not an object'],
  ['a trace id of another length', {}, { traceId: '5b8a' }, '32 hex digits were expected'],
  [
    'a value of two types',
    { extra: { stringValue: 'a', intValue: 1 } },
    {},
    'it is both stringValue and intValue',
  ],
  [
    'a lone surrogate',
    { extra: text('\ud800') },
    {},
    'a text in it has a lone surrogate, which is no Unicode',
  ],
  ['no record', {}, { attributes: 'x' }, 'an array was expected, not a string'],
]

test.each(faults)('%s', async (_name, attributes, more, why) => {
  const { json, intake } = await auditing()
  const { status, answer } = await json(request([record(1), record(2, attributes, more), record(3)]))
  expect(status).toBe(400)
  expect(answer.code).toBe(3)
  expect(answer.message).toContain('1 of 3 records are refused, and none was taken in: record 1')
  expect(answer.message).toContain(why)
  const [violation, ...others] = answer.details[0].fieldViolations
  expect(others).toEqual([])
  expect(violation.field).toBe('resourceLogs[0].scopeLogs[0].logRecords[1]')
  expect(violation.description).toContain(why)
  expect(intake.received).toEqual([])
})

test('a record without a Resource', async () => {
  const { json } = await auditing()
  for (const resourceLogs of [
    [{ scopeLogs: [{ logRecords: [record(1)] }] }],
    request([record(1)], {}).resourceLogs,
  ]) {
    const { status, answer } = await json({ resourceLogs })
    expect([status, answer.message]).toEqual([
      400,
      `1 of 1 records are refused, and none was taken in: record 0 (${uuid(1)}): it has no Resource`,
    ])
  }
})

test('every record that is wrong is named with its id and all that is wrong with it, over all scopes', async () => {
  const { json, protobuf, grpc } = await auditing()
  const bad = (n: number) => record(n, { 'audit.action': undefined, 'audit.outcome': text('maybe') })
  const sent = {
    resourceLogs: [
      ...(request([record(1), bad(2)]).resourceLogs as object[]),
      ...(request([bad(3)]).resourceLogs as object[]),
    ],
  }
  const why = 'it has no audit.action; audit.outcome is none of success, failure and unknown: "maybe"'
  const message = `2 of 3 records are refused, and none was taken in: record 1 (${uuid(2)}): ${why}; record 2 (${uuid(3)}): ${why}`
  const { answer } = await json(sent)
  expect(answer.message).toBe(message)
  expect(answer.details[0].fieldViolations).toEqual([
    { field: 'resourceLogs[0].scopeLogs[0].logRecords[1]', description: `record 1 (${uuid(2)}): ${why}` },
    { field: 'resourceLogs[1].scopeLogs[0].logRecords[0]', description: `record 2 (${uuid(3)}): ${why}` },
  ])
  const binary = await protobuf(sent)
  expect(binary.status).toBe(400)
  expect(binary.body.toString()).toContain(message)
  expect(binary.body.toString()).toContain('google.rpc.BadRequest')
  const { code, details, trailers } = await grpc(sent)
  expect([code, details]).toEqual([3, message])
  expect(String(trailers.get('grpc-status-details-bin')[0])).toContain(
    'resourceLogs[1].scopeLogs[0].logRecords[0]',
  )
})

test('an answer is bounded, and says how many it does not name', async () => {
  const { json, grpc } = await auditing()
  const sent = request(Array.from({ length: 3_000 }, (_, n) => record(n, { 'audit.action': undefined })))
  const { status, answer } = await json(sent)
  expect(status).toBe(400)
  expect(answer.message).toMatch(/^3000 of 3000 records are refused.*; and 2980 more$/)
  const named = answer.details[0].fieldViolations.length
  expect(named).toBeGreaterThan(500)
  expect(JSON.stringify(answer).length).toBeLessThan(300_000)
  const { code, details, trailers } = await grpc(sent)
  expect(code).toBe(3)
  expect(details).toMatch(/^3000 of 3000 records are refused.*; and \d+ more$/)
  expect(details.length).toBeLessThanOrEqual(1_000)
  expect(Buffer.byteLength(trailers.get('grpc-status-details-bin')[0]!)).toBeLessThan(5_000)
})

test('what is broken within one record is that record’s fault, in protobuf too', async () => {
  const { post, intake } = await auditing()
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
  const records = Buffer.concat([
    field(2, field(3, Buffer.from([0xff, 0xfe]))),
    field(2, Buffer.from([0x0a, 0x01, 0x00])),
    field(2, field(5, Buffer.from([0x0a, 0x7f, 0x41]))),
  ])
  const { status, body } = await post(field(1, field(2, records)), {
    'content-type': 'application/x-protobuf',
  })
  expect(status).toBe(400)
  const said = body.toString()
  expect(said).toContain('3 of 3 records are refused')
  expect(said).toContain('record 0: a text in it is not UTF-8')
  expect(said).toContain('record 1: invalid protobuf at byte')
  expect(said).toContain('record 2: invalid protobuf at byte')
  expect(intake.received).toEqual([])
})

test.each([
  ['protobuf', 'application/x-protobuf', Buffer.from([0x0a, 0xff, 0xff, 0x03])],
  ['JSON', 'application/json', Buffer.from('{"resourceLogs":[{"scopeLogs":')],
  ['JSON that is no UTF-8', 'application/json', Buffer.from([0x22, 0xff, 0x22])],
])('a body of which no record can be made: %s', async (_name, type, body) => {
  const { post } = await auditing()
  const { status } = await post(body, { 'content-type': type })
  expect(status).toBe(400)
})

test.each([
  [
    'of the record',
    '"eventName":"order.approve"',
    '"eventName":"x","eventName":"order.approve"',
    'eventName',
  ],
  ['of its resource', '"resource":{', '"resource":{"x":1,"x":2,', 'resource.x'],
])('a name that stands twice is a fault: %s', async (_what, once, twice, name) => {
  const { post, intake } = await auditing()
  const sent = JSON.stringify(request([record(1)])).replace(once, twice)
  // Cut out of a large body, too.
  const more = JSON.stringify(record(2, { padding: text('x'.repeat(1024 ** 2)) }))
  for (const body of [sent, sent.replace('}]}]}]}', `},${more}]}]}]}`)]) {
    const { status, body: answer } = await post(body)
    expect(status).toBe(400)
    const { message } = JSON.parse(answer.toString())
    expect(message).toContain(`record 0: names stand twice in it: ${name}`)
  }
  expect(intake.received).toEqual([])
})

test('values nested deeper than anything reads are the fault of their record', async () => {
  const { json, post } = await auditing()
  let deep: Any = text('leaf')
  let bytes = bytesField(1, 'leaf')
  for (let n = 0; n < 70; n++) {
    deep = { arrayValue: { values: [deep] } }
    bytes = bytesField(5, bytesField(1, bytes))
  }
  const { status, answer } = await json(request([record(1, {}, { body: deep }), record(2)]))
  expect(status).toBe(400)
  expect(answer.message).toMatch(/^1 of 2 .*record 0.*nested more than 64 deep$/)
  const records = [bytesField(2, bytesField(5, bytes)), bytesField(2, bytesField(12, 'e'))]
  const binary = bytesField(1, bytesField(2, Buffer.concat(records)))
  const { body } = await post(binary, { 'content-type': 'application/x-protobuf' })
  expect(body.toString()).toMatch(/record 0: invalid protobuf at byte \d+: values nested more than 64 deep/)
  // Far deeper than the stack of a parser that recurses.
  const far = `{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{}}]},"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(100_000)}`
  const cut = await auditing().then(({ post }) => post(far))
  expect(cut.status).toBe(400)
})

const advice: readonly (readonly [
  string,
  Readonly<Record<string, Any | undefined>>,
  More,
  readonly string[],
])[] = [
  ['nothing', {}, {}, []],
  [
    'what it should have',
    { 'audit.target.id': undefined, 'audit.target.type': undefined, 'audit.schema.version': undefined },
    { severityText: 'INFO' },
    ['the audit signal asks for more: audit.target.id, audit.target.type, audit.schema.version, no severity'],
  ],
  [
    'an id of its own',
    { 'audit.record.id': id },
    {},
    ['the audit signal asks for more: a UUID as audit.record.id'],
  ],
  [
    'an actor of another type',
    { 'audit.actor.type': text('robot') },
    {},
    ['audit.actor.type is none of user, service and system: "robot"'],
  ],
  ['clocks at five seconds', {}, { timeUnixNano: '1795417108120400000' }, []],
  [
    'clocks apart',
    {},
    { timeUnixNano: '1795417108120399999' },
    ['its clocks differ: ObservedTimestamp is 5.000 s later than Timestamp'],
  ],
]

test.each(advice)('taken in with a warning: %s', async (_name, attributes, more, warnings) => {
  const { json, intake } = await auditing()
  const { status } = await json(request([record(1, attributes, more)]))
  expect(status).toBe(200)
  expect(intake.received[0]!.warnings ?? []).toEqual(warnings)
})

test('a clock that is ahead is told of', async () => {
  const { json, intake } = await auditing()
  const time = `${Date.now() + 60_000}000000`
  await json(request([record(1, {}, { timeUnixNano: time, observedTimeUnixNano: time })]))
  expect(intake.received[0]!.warnings).toEqual([
    expect.stringMatching(/^its clock is ahead: ObservedTimestamp is (?:59|60)\.\d{3} s later than now$/),
  ])
})

test('an id that is no UUID is known again all the same', async () => {
  const { json, intake } = await auditing()
  await json(request([record(1, { 'audit.record.id': text('rec-1') })]))
  expect(intake.received[0]!.id).toEqual({ uid: 'rec-1', producer: 'shop' })
})

test('a large body in JSON is gone through record by record, and one that is no JSON is named with its byte', async () => {
  const { post, intake } = await auditing()
  const records = Array.from({ length: 2_000 }, (_, n) =>
    JSON.stringify(record(n, {}, { body: text('x'.repeat(600)) })),
  )
  const bodyOf = (all: readonly string[]) =>
    JSON.stringify(request([])).replace('"logRecords":[]', `"logRecords":[${all.join(',')}]`)
  const broken = bodyOf(records.with(1_500, '{"eventName": "x" "y"}'))
  const refused = await post(broken)
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.body.toString()).message).toMatch(
    new RegExp(
      `^1 of 2000 records are refused.*record 1500: the body is not JSON, at resourceLogs\\[0\\].*at byte ${broken.indexOf('"y"}')}$`,
    ),
  )
  expect((await post(bodyOf(records))).status).toBe(200)
  expect(intake.received).toHaveLength(2_000)
})
