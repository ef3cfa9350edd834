// A stencil is a short cut, never another way: whatever the lines, the bytes are those of the general path.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineMakers } from '../../../bench/normalise/lines/index.ts'
import { makeLot } from '../../../bench/normalise/lot.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { full } from '../../seed.ts'

// Other cases each time: few of them now, and often, find as much as many at once.
const runs = full ? 300 : 10

const spec = (mapping: NormaliserSpec['mapping'], more: Partial<NormaliserSpec> = {}): NormaliserSpec => ({
  agent: { id: 'test', version: '0.0.0' },
  receiver: 'app',
  mapping,
  raw: 'none',
  require: { default: ['actor.id', 'action', 'targets', 'outcome.result'], authentication: ['actor.id'] },
  hashKeys: [{ id: 'test', secret: '00'.repeat(32) }],
  redact: [
    { key: ['password', 'token'], method: 'drop' },
    { key: ['card'], method: 'mask' },
  ],
  routes: [{ name: 'all', to: ['out'], continue: false }],
  ...more,
})

const stream = { id: '0123456789abcdef0123456789abcdef', receiver: 'app' }

/** Both ways over the same chunks, byte for byte; returns how many lines took the short one. */
function both(which: NormaliserSpec, chunks: readonly (readonly string[])[]) {
  const short = compileNormaliser(which)
  const general = compileNormaliser(which, { stencils: false })
  let offset = 0
  let observed = 1_796_000_000_000
  for (const lines of chunks) {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    const chunk = () => ({ stream, bytes: new Uint8Array(bytes), offset, observed })
    const [a, b] = [short.lines(chunk()), general.lines(chunk())]
    expect(Buffer.from(a.payload).toString('utf8')).toBe(Buffer.from(b.payload).toString('utf8'))
    expect({ ...a, payload: 0 }).toEqual({ ...b, payload: 0 })
    offset += bytes.length
    observed += 977
  }
  return short.served
}

const words = [
  'success',
  'denied',
  'failure',
  'unknown',
  'system',
  'anonymous',
  'toKen',
  'TRUE',
  'human',
  'bot',
  'a',
]
const nasty = [
  '',
  ' ',
  'é',
  'to\u212aen',
  '\u2028',
  '😀',
  'a"b',
  'a\\b',
  '\u0000',
  '~',
  '0',
  '-1',
  '1e3',
  'null',
  'mark 3 of a slot~',
]
const text = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...nasty), fc.string({ maxLength: 40 }))
const number = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(
    0,
    -0,
    1e21,
    1e-7,
    0.1,
    600_000_000_000_000,
    2 ** 53,
    200,
    403,
    1_795_000_000,
    1_795_000_000_000,
  ),
)
const time = fc.oneof(
  fc.constantFrom(
    '2026-11-23T12:00:00Z',
    '2026-11-23T12:00:00.5Z',
    '2026-11-23T12:00:00.123456789Z',
    '2026-11-23T12:00:00.1234567891Z',
    '2026-11-23T12:00:00+01:00',
    '2026-11-23 12:00:00',
    '2026-11-23T12:00:60Z',
    '2026-11-23T12:00:00.Z',
    '2026-11-23t12:00:00z',
    '2026-11-23 12:00:00+01:00',
    '2026-11-23 12:00:01.5 UTC',
    'yesterday',
  ),
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
    .map((date) => date.toISOString()),
)
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([ip, port]) => `${ip}:${port}`),
  fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([ip, port]) => `[${ip}]:${port}`),
  fc.tuple(fc.ipV4(), fc.ipV6()).map((both) => both.join(', ')),
  fc.constantFrom('unknown', 'db.example.com', '010.0.0.1', 'fe80::1%eth0', '::ffff:10.0.0.1'),
)
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null))

const record = fc.record(
  {
    ts: fc.oneof({ weight: 8, arbitrary: time }, number),
    at: fc.oneof(time, number, text),
    event: fc.oneof(
      fc.constantFrom('invoice.approve', 'user.login', 'order.delete', 'unknown', 'export'),
      text,
    ),
    user: fc.oneof(
      text,
      fc.record(
        { id: scalar, name: text, type: text, roles: fc.array(scalar, { maxLength: 3 }) },
        { requiredKeys: ['id'] },
      ),
    ),
    resource: fc.record({ type: text, id: scalar }, { requiredKeys: [] }),
    resources: fc.array(fc.record({ type: text, id: scalar, extra: scalar }, { requiredKeys: [] }), {
      maxLength: 3,
    }),
    invoice: scalar,
    result: fc.oneof(fc.constantFrom('success', 'denied', 'Failed'), scalar),
    status: number,
    level: fc.oneof(fc.constantFrom('info', 'WARN', '30'), scalar),
    ip: fc.oneof(address, text),
    peer: address,
    port: number,
    org: text,
    password: text,
    card: scalar,
    nested: fc.object({ maxDepth: 3, values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }),
  },
  { requiredKeys: ['ts', 'event'] },
)

const print = fc.constantFrom<(value: object) => string>(
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, null, ' ').replaceAll('\n', ' '),
)

const mappings: Record<string, NormaliserSpec['mapping']> = {
  json: { preset: 'json' },
  own: {
    inline: {
      extends: 'json',
      action: { template: 'app:{event}[/{result}]' },
      message: { template: '{user.name} did {event} from {ip}' },
      'outcome.result': {
        path: 'result',
        table: { success: 'success', denied: 'denied' },
        default: 'unknown',
      },
      'actor.type': { path: 'user.type', table: { human: 'user', bot: 'service' }, default: 'user' },
      'source.ip': ['ip', { path: 'peer', match: '^([0-9.]+)(?:$|:)' }, 'peer'],
      'source.port': 'port',
    },
  },
  transforming: {
    inline: {
      expand: [
        { path: 'org', as: 'key_value' },
        { path: 'resources[type=human].extra', as: 'query' },
      ],
      time: 'ts',
      action: [
        { path: 'event', match: '^(\\w+)\\.read$' },
        { path: 'event', case: 'upper' },
      ],
      'actor.id': [{ path: 'user.id', trim: true }, 'user'],
      'actor.groups': { all: ['org', 'invoice'], case: 'lower' },
      'actor.roles': { path: 'user.roles', case: 'upper', table: { A: 'first' } },
      'source.ip': 'resources[type=bot].id',
      'actor.alt_ids': 'resources[*].id',
      'credential.scopes': { all: ['level', 'resources[*].type'] },
      'metadata.extra': 'resources[*].extra',
      message: { template: '{resources[type=human].extra} by {user.name}' },
      'outcome.reason': { path: 'level', if: 'resources[id=a]' },
      targets: [
        { each: 'resource', type: '$key', id: '.' },
        { each: 'nested', type: { const: 'nested' }, id: { template: '{$key}={.}' } },
        { each: 'resources', type: { path: 'type', split: ' ', part: 0 }, id: 'id' },
      ],
    },
  },
  asking: {
    inline: {
      let: {
        human: { path: ['user.type', 'user'], table: { human: 'yes', 'a*': 'yes' } },
        read: { path: 'event', match: '(read)$', unless: ['org', '$human'] },
      },
      time: 'ts',
      action: [{ path: 'event', if: '$read' }, { const: 'something' }],
      'actor.id': [{ path: ['user.id', 'user'], if: ['$human', 'resources'] }, 'ip'],
      'outcome.reason': { path: 'level', unless: ['$human', 'card'] },
      targets: [
        { each: 'resources', type: 'type', id: 'id', unless: ['extra', '$read'] },
        { type: { const: 'invoice' }, id: 'invoice', if: ['$human', 'org'] },
        { otherwise: true, each: 'nested', id: '.', type: '$key' },
        { otherwise: true, type: { const: 'all' }, id: { const: '*' }, unless: 'card' },
      ],
    },
  },
  changing: {
    inline: {
      time: 'ts',
      action: 'event',
      'actor.id': ['user.id', 'user'],
      changes: [
        { path: 'event', old: 'level', new: 'result' },
        { path: { const: 'card' }, old: 'card', new: 'invoice' },
        { each: 'nested', path: '$key', new: '.' },
        { each: 'resources', target: 'id', path: 'type', old: 'extra' },
      ],
    },
  },
  bare: { inline: { action: 'event', 'actor.id': ['user.id', 'user'], time: 'ts' } },
  ids: {
    inline: {
      records: 'nested',
      source_event_id: { template: '{user.id|user}[/{ip}]' },
      action: 'event',
      'actor.id': ['user.id', 'user'],
      'actor.type': {
        path: ['user.id', 'user'],
        table: { 'system:*': 'system', 'a*': 'anonymous', '*t': 'service', bot: 'agent', '*': 'user' },
      },
      'outcome.result': {
        path: 'result',
        ignore_case: true,
        table: { 'succ*': 'success', '*D': 'denied', '400..499': 'failure', ok: 'success' },
      },
      severity: { path: 'level', table: { info: 9, 'W*': 13, '>=30': 17 } },
      time: ['ts', 'at'],
      'metadata.at': 'at',
      'producer.product': 'org',
    },
  },
}

describe.each(Object.keys(mappings))('%s', (name) => {
  test('any records, again with other values, come out as on the general path', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 12 }),
        print,
        fc.infiniteStream(fc.nat(11)),
        (records, how, order) => {
          const lines = records.map(how)
          const picks = Array.from({ length: 40 }, () => lines[order.next().value % lines.length]!)
          both(spec(mappings[name]!), [lines, lines, picks])
        },
      ),
      { numRuns: runs },
    )
  })

  test('one shape with values that change slot by slot', { timeout: 120_000 }, () => {
    // Few values where events are decided, so that a stencil cut from one line meets the values of others.
    const event = fc.constantFrom('invoice.read', 'user.login')
    const result = fc.constantFrom('success', 'Denied')
    const id = fc.oneof(fc.constantFrom(...words), text)
    let served = 0
    const row = fc.tuple(
      fc.oneof(fc.constant('2026-11-23T12:00:00Z'), time),
      event,
      id,
      id,
      id,
      result,
      number,
      fc.oneof(fc.constant('2026-11-23T12:00:00Z'), time),
    )
    fc.assert(
      fc.property(fc.array(row, { minLength: 8, maxLength: 30 }), (rows) => {
        const lines = rows.map(([ts, action, who, type, level, outcome, port, at]) =>
          JSON.stringify({
            ts,
            at,
            event: action,
            user: { id: who, type },
            level,
            result: outcome,
            port,
            ip: who,
            invoice: level,
            n: port,
          }),
        )
        served += both(spec(mappings[name]!), [lines, lines.toReversed(), lines])
      }),
      { numRuns: runs },
    )
    expect(served).toBeGreaterThan(runs)
  })
})

const regular = (n: number) =>
  JSON.stringify({
    ts: new Date(1_795_000_000_000 + n * 7).toISOString(),
    user: `u_${n}`,
    event: n % 2 ? 'order.read' : 'order.update',
    order: `o_${n}`,
    result: 'success',
    n,
  })

test('a regular log is served by stencils', () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => regular(n))
  expect(
    both(spec({ preset: 'json' }), [lines.slice(0, 50), lines.slice(50, 1_000), lines.slice(1_000)]),
  ).toBeGreaterThan(1_900)
})

test('nothing is kept of a chunk: its memory is used again', () => {
  const short = compileNormaliser(spec({ preset: 'json' }))
  const general = compileNormaliser(spec({ preset: 'json' }), { stencils: false })
  const memory = Buffer.alloc(64 * 1024)
  for (let round = 0; round < 20; round++) {
    const lines = Array.from({ length: 40 }, (_, n) => `${regular(round * 40 + n)}\n`).join('')
    const at = 8 * (round % 5)
    const length = memory.write(lines, at)
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset + at, length)
    const chunk = { stream, bytes, offset: round * 10_000, observed: 1_795_000_000_000 }
    expect(Buffer.from(short.lines(chunk).payload).equals(Buffer.from(general.lines(chunk).payload))).toBe(
      true,
    )
    memory.fill(0x7a)
  }
  expect(short.served).toBeGreaterThan(700)
})

test('what no stencil can follow takes the general path: select, conditions, raw, dropping routes', () => {
  const lines = Array.from({ length: 50 }, (_, n) => regular(n))
  for (const more of [
    { select: 'record.n > 10' },
    { raw: 'full' as const },
    { routes: [{ name: 'some', to: ['out'], when: 'actor.id == "u_3"', continue: false }] },
    { routes: [{ name: 'none', to: [], drop: 'noise', continue: false }] },
  ]) {
    expect(both(spec({ preset: 'json' }, more), [lines, lines])).toBe(0)
  }
})

test('a record that could hold several takes the general path, its neighbours do not', () => {
  const mapping = { inline: { records: 'items', action: 'event', 'actor.id': 'user', time: 'ts' } }
  const lines = Array.from({ length: 60 }, (_, n) =>
    n % 3 === 0 ? JSON.stringify({ items: [{ event: `e${n}`, user: 'u' }] }) : regular(n),
  )
  const other = [
    '{"items":[]}',
    '{"items":"x","event":"e"}',
    '{"items":[{}]}',
    '{"event":"items","items":[1]}',
  ]
  expect(both(spec(mapping), [lines, [...lines, ...other, ...lines, ...other]])).toBeGreaterThan(70)
})

test('names that a pattern takes share a stencil', () => {
  const line = (username: string, n: number) =>
    JSON.stringify({
      kind: 'Event',
      auditID: `7e1c-${n}`,
      stage: 'ResponseComplete',
      requestURI: `/api/v1/namespaces/default/pods/p${n}?q="${n}"`,
      verb: 'get',
      user: { username },
      sourceIPs: ['10.0.0.1'],
      objectRef: { resource: 'pods', namespace: 'default', name: `p${n}`, apiVersion: 'v1' },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: `2026-11-23T12:00:00.${100_000 + n}Z`,
      stageTimestamp: `2026-11-23T12:00:00.${100_001 + n}Z`,
    })
  const lines = Array.from({ length: 1_000 }, (_, n) =>
    line(n % 2 === 0 ? `system:serviceaccount:default:s${n}` : `u${n}@example.com`, n),
  )
  expect(both(spec({ preset: 'kubernetes' }), [lines])).toBeGreaterThan(980)
})

test('an id of the producer that needs an escape is hashed as what it says', () => {
  const mapping = { inline: { source_event_id: 'id', action: 'event', 'producer.product': 'service' } }
  const line = (id: string, service = 'billing') => JSON.stringify({ event: 'a', id, service })
  const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'a"b', 'a\\b', 'é', 'x'.repeat(2_000)].map((id) =>
    line(id),
  )
  lines.push(line('a', 'b"c'), line('a', 'ü'), line('b', 'ü'))
  expect(both(spec(mapping), [lines, lines])).toBeGreaterThan(20)
})

test('times that are kept as they were written are read each time', () => {
  const mapping = {
    inline: { action: 'event', time: { path: 'ts', format: '%d/%b/%Y:%H:%M:%S %z' }, 'actor.id': 'user' },
  }
  const at = (n: number) => `24/Nov/2026:10:${10 + (n % 40)}:${10 + (n % 7)} +0100`
  const lines = Array.from({ length: 200 }, (_, n) =>
    JSON.stringify({ ts: n % 50 === 0 ? 'never' : at(n), event: 'a', user: `u${n}` }),
  )
  expect(both(spec(mapping), [lines])).toBeGreaterThan(180)
})

test('lines that are not plain, faulty ones and other chunks keep their place among the others', () => {
  const odd = [
    'not json',
    '{"ts":1}{',
    '{"a":1,"a":2}',
    '{"event":"a\\u0041"}',
    '[]',
    '{"n":1.0}',
    '{"n":1e2}',
    '{"n":12345678901234567890}',
  ]
  const lines = Array.from({ length: 300 }, (_, n) => (n % 7 === 0 ? odd[n % odd.length]! : regular(n)))
  expect(both(spec({ preset: 'json' }), [lines, lines, lines])).toBeGreaterThan(600)
})

test('a value that never repeats where values decide stops being learnt', () => {
  const lines = Array.from({ length: 6_000 }, (_, n) =>
    JSON.stringify({ ts: '2026-11-23T12:00:00Z', event: `e${n}.read`, user: 'u' }),
  )
  expect(both(spec({ preset: 'json' }), [lines])).toBe(0)
})

test('values that look like content and decide all the same', () => {
  const line = (action: string, type: string) =>
    JSON.stringify({
      ts: '2026-11-23T12:00:00Z',
      event: action,
      user: { id: 'u_1', type },
      result: 'success',
    })
  // The Kelvin sign is a k in lower case; `unknown` is as good as absent.
  const lines = [
    line('a', 'x'),
    line('b', 'y'),
    line('a', 'un\u212anown'),
    line('unknown', 'x'),
    line('a', 'BOT'),
  ]
  expect(both(spec(mappings.json!), [lines, lines])).toBeGreaterThan(0)
  const flat = ['order.read', 'order.read', 'unknown', 'unknown', 'order.read'].map((event) =>
    JSON.stringify({ event, user: { id: 'u_1' } }),
  )
  expect(both(spec(mappings.bare!), [flat, flat])).toBeGreaterThan(0)
})

test.each<[string, Record<string, unknown>, object[]]>([
  [
    'a variable that is a computed field',
    {
      let: { v: { field: '{kind}' } },
      'outcome.result': { path: '$v', table: { ok: 'success' }, default: 'failure' },
    },
    [
      { kind: 'a', a: 'x' },
      { kind: 'a', a: 'y' },
      { kind: 'a', a: 'ok' },
    ],
  ],
  [
    'a computed field where unknown counts as missing',
    { action: { field: '{kind}' } },
    [
      { kind: 'a', a: 'x' },
      { kind: 'a', a: 'y' },
      { kind: 'a', a: 'unknown' },
    ],
  ],
  [
    'a target that needs itself by way of its variables',
    { extends: 'json', action: { template: '{$noun}.{$verb}' } },
    [{ event: 'a.b' }, { event: 'a.b' }],
  ],
])('%s', (_, inline, records) => {
  const lines = records.map((record) => JSON.stringify({ user: 'u', ...record }))
  both(spec({ inline: { 'actor.id': 'user', ...inline } }), [lines, lines, lines.toReversed()])
})

test('long lines teach nothing: what is remembered stays small', () => {
  const lines = Array.from({ length: 20 }, (_, n) =>
    JSON.stringify({ event: `${n % 2}${'x'.repeat(9_000)}`, user: 'u' }),
  )
  expect(both(spec({ preset: 'json' }), [lines, lines])).toBe(0)
})

test('ports differ from line to line, and are numbers of the same kind; what is none decides by itself', () => {
  const ports: unknown[] = [
    0,
    80,
    65_535,
    65_536,
    -1,
    1.5,
    '443',
    '0443',
    '+1',
    '',
    'http',
    '65536',
    null,
    1e21,
  ]
  const line = (port: unknown, n: number) =>
    JSON.stringify({ event: 'a.read', user: `u_${n}`, source: { port, asn: 64_500 + n }, note: '443' })
  const many = Array.from({ length: 400 }, (_, n) => line(n % 3 === 0 ? String(1024 + n) : 1024 + n, n))
  const mapping = {
    'actor.id': 'user',
    action: 'event',
    'source.port': 'source.port',
    'source.asn': 'source.asn',
    'metadata.port': 'note',
  }
  const odd = ports.map(line)
  expect(both(spec({ inline: mapping }), [many, odd, odd, many])).toBeGreaterThan(700)
})

test('addresses differ from line to line; a name is none, whichever it is, and what has a port decides by itself', () => {
  const mapping = { 'actor.id': 'user', action: 'event', 'source.ip': ['ip', 'peer'] }
  const line = (n: number) => {
    const ip = [
      `10.0.${n % 250}.${n % 7}`,
      `2001:db8::${n}`,
      `::ffff:10.1.1.${n % 256}`,
      `host-${n}.example`,
    ][n % 4]
    return JSON.stringify({ event: 'a.read', user: `u_${n}`, ip, peer: `10.9.${n % 256}.1` })
  }
  const many = Array.from({ length: 800 }, (_, n) => line(n))
  const odd = [
    '',
    ' ',
    '10.0.0.1:443',
    '[::1]:443',
    '10.0.0.1, 10.0.0.2',
    'fe80::1%eth0',
    'a:b',
    '\u0031',
    7,
    null,
  ].map((ip) => JSON.stringify({ event: 'a.read', user: 'u_1', ip, peer: 'unknown' }))
  expect(both(spec({ inline: mapping }), [many, odd, odd, many])).toBeGreaterThan(1550)
})

const places = {
  inline: {
    let: { space: { path: 'at', match: '^\\w+/v\\d/namespaces/([^/]+)/[^/]' } },
    action: 'event',
    'actor.id': { path: 'by', match: '^user:(.+)$' },
    'request.id': { path: 'at', match: '([^/]+)$' },
    targets: [
      {
        type: { const: 'thing' },
        id: 'at',
        name: { path: 'at', match: '^\\w+/v\\d/namespaces/[^/]+/[^/]+/([^/]+)' },
        scope: [{ type: { const: 'namespace' }, id: '$space' }],
        attributes: { group: { path: 'at', match: '^(?P<group>[a-z]+)/' } },
      },
    ],
    scope: [{ type: { const: 'namespace' }, id: '$space' }],
  },
}
/** Where a part is one of a few, or may be a secret, it decides. */
const decisive = {
  'metadata.kind': { path: 'at', match: '/(pods|secrets)/' },
  'session.id': { path: 'by', match: '([^/]+)$' },
  'actor.id': { path: 'by', match: '^user:(.+)$', table: { a: 'b', 'c*': 'core' } },
}
const place = (at: string, n: number) =>
  JSON.stringify({ event: 'a.read', by: `user:u_${n}`, at, note: 'shop' })

test('parts that patterns take are copied, whatever they are', () => {
  const lines = Array.from({ length: 400 }, (_, n) =>
    place(`core/v1/namespaces/n${n % 7}/pods/p-${n * 7919}`, n),
  )
  const odd = [
    'core/v1/namespaces/shop/pods/web/exec',
    'core/v1/namespaces/shop/pods/web',
    'core/v1/namespaces/shop/pods/shop',
    'core/v1/namespaces/pods/pods/pods',
    'core/v1/namespaces/core/secrets/core',
    'core/v1/namespaces/mark2part0/pods/mark2part1',
    'core/v1/namespaces/a/b',
    'core/v1/nodes/n1',
    'core',
    '/',
    '',
    'core/v1/namespaces/ä/pods/ö',
    'core/v1/namespaces/"/pods/\\',
    'core/v1/namespaces/😀/pods/1',
    'core/v1/namespaces/1/pods/1',
    `core/v1/namespaces/${'n'.repeat(600)}/pods/${'p'.repeat(600)}`,
    `core/v1/namespaces/n/pods/${'p'.repeat(5000)}`,
  ].map(place)
  expect(both(spec(places), [lines, odd, odd, lines, odd, odd])).toBeGreaterThan(750)
})

test('two parts that were the same once are two', () => {
  // The name is the last part, but of what has a subresource.
  const same = Array.from({ length: 300 }, (_, n) => place(`core/v1/namespaces/n/pods/p-${n}`, n))
  const other = Array.from({ length: 300 }, (_, n) => place(`core/v1/namespaces/n/pods/p-${n}/exec`, n))
  expect(both(spec(places), [same, other, same, other])).toBeGreaterThan(1000)
})

test('parts of paths of any sort, short way and general', () => {
  const name = fc.constantFrom('a', 'core', 'namespaces', 'pods', 'secrets', 'v1', 'user:', '', 'é', '7')
  const path = fc.array(name, { maxLength: 7 }).map((names) => names.join('/'))
  const shaped = fc.tuple(name, name, name).map(([a, b, c]) => `core/v1/namespaces/${a}/${b}/${c}`)
  const line = fc
    .tuple(fc.oneof(path, shaped), path)
    .map(([at, by]) => JSON.stringify({ event: 'a.read', by: `user:${by}`, at, note: 'core' }))
  fc.assert(
    fc.property(fc.array(line, { minLength: 5, maxLength: 40 }), (lines) => {
      both(spec(places), [lines, lines, lines.toReversed(), lines])
      both(spec({ inline: { ...places.inline, ...decisive } }), [lines, lines, lines.toReversed(), lines])
    }),
    { numRuns: runs },
  )
})

test('times in numbers are told from other numbers that hold their digits', () => {
  const lines = Array.from({ length: 300 }, (_, n) =>
    JSON.stringify({ ts: 1_764_000_000_000 + n, event: 'a.read', user: 'u', account: '123456789012' }),
  )
  const inline = {
    time: 'ts',
    action: 'event',
    'actor.id': 'user',
    'outcome.result': { path: 'account', match: '^1' },
  }
  expect(both(spec({ inline }), [lines, lines])).toBeGreaterThan(500)
})

test.each(['ecs', 'mongodb', 'ocsf', 'vault'])('lines for the preset %s, short way and general', (preset) => {
  const bytes = makeLot(lineMakers[preset]!, 100_000).chunks.map((chunk) =>
    Buffer.from(chunk.bytes).toString(),
  )
  const lines = bytes.join('').trimEnd().split('\n')
  expect(both(spec({ preset }), [lines, lines])).toBeGreaterThan(lines.length / 2)
})

test('GKE: names of objects differ from line to line, and take the short way all the same', () => {
  const gke = (n: number) => {
    const [of, path] = (
      [
        ['core.v1.pods', `core/v1/namespaces/n${n % 9}/pods/p-${n}`],
        ['core.v1.secrets', `core/v1/namespaces/n${n % 9}/secrets/s-${n}`],
        ['core.v1.nodes', `core/v1/nodes/n-${n}`],
        ['coordination.v1.leases', `coordination.k8s.io/v1/namespaces/kube-system/leases/l-${n}`],
      ] as const
    )[n % 4]!
    return JSON.stringify({
      protoPayload: {
        serviceName: 'k8s.io',
        methodName: `io.k8s.${of}.get`,
        authenticationInfo: { principalEmail: `u${n}@example.com` },
        resourceName: path,
      },
      resource: { type: 'k8s_cluster', labels: { project_id: 'shop', cluster_name: 'c1' } },
      timestamp: '2026-11-23T06:58:34Z',
    })
  }
  const lines = Array.from({ length: 1000 }, (_, n) => gke(n))
  expect(both(spec({ preset: 'gcp_audit' }), [lines])).toBeGreaterThan(950)
})

test('what a pattern does not match decides for nothing, whatever the member that it is for', () => {
  const mapping = {
    extends: 'json',
    'source.ip': [
      { path: 'peer', match: '^([0-9.]+)$' },
      { path: 'peer', match: '^([0-9.]+):' },
    ],
    'source.port': { path: 'peer', match: ':([0-9]+)$' },
    'source.ip_chain': { path: 'peer', match: '^[0-9.]+(?:, [0-9.]+)+$', split: ', ' },
    'outcome.result': {
      path: 'peer',
      match: '^(denied|failure) ',
      table: { denied: 'denied', failure: 'failure' },
    },
  }
  const peer = (n: number) => {
    const address = `10.${n % 250}.3.${n % 7}`
    return n % 50 === 0 ? [`${address}:${n}`, `${address}, 10.0.0.1`, `denied ${address}`][n % 3]! : address
  }
  const lines = Array.from({ length: 1_500 }, (_, n) =>
    JSON.stringify({ user: `u_${n}`, event: 'order.read', order: n, peer: peer(n) }),
  )
  expect(both(spec({ inline: mapping }), [lines, lines])).toBeGreaterThan(2_700)
})
