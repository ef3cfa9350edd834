// What is redacted reaches no file and no output: the whole data directory, the destinations, the dead letters, the log,
// and what commands say of events are searched for it, with the records kept as they came.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { startAgent } from '../../src/agent/agent.ts'
import { loadAgentConfig } from '../../src/agent/load.ts'
import { traceEvent } from '../../src/agent/trace-event.ts'
import { exportJournal } from '../../src/cli/journal-export.ts'
import { renderTrace } from '../../src/cli/show-render.ts'
import { KeyRing } from '../../src/journal/key-ring.ts'

const directory = mkdtempSync(join(tmpdir(), 'affiant-redaction-'))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'
/** Each is taken out by one rule of the configuration, or by the guard. */
const secret =
  /hunter2|eve@mail\.example|4111.?1111.?1111.?1111|ghp_abcdef|Mallory|10\.66\.6\.6|EMP-482913|nobody-else|DE89/

const records: readonly (object | string)[] = [
  {
    user: { id: 'u_1', name: 'Mallory', email: 'eve@mail.example' },
    event: 'invoice.pay',
    invoice: { id: 'inv_1', card: '4111 1111 1111 1111', iban: 'DE89370400440532013000' },
    password: 'hunter2',
    session_id: token,
    message: `Mallory paid with 4111-1111-1111-1111, password=hunter2, Bearer ${token}`,
    card: 4_111_111_111_111_111,
    nested: [[{ Password: { value: ['hunter2'] } }], { 'eve@mail.example': { 'EMP-482913': 1 } }],
    ip: '10.66.6.6',
    changes: [{ field: 'user.password', from: 'hunter2', to: 'hunter2!' }],
    secret_note: 'nobody-else',
    result: 'success',
  },
  // Fields within texts, wherever those stand.
  {
    user: { id: 'u_2' },
    event: 'POST /login?next=%2Fa%3Fpass%77ord%3Dhunter2&password=hunter2',
    invoice: { id: 'inv_2?password=hunter2', card: 'password: "hunter2"' },
    password_hint: 'stays',
    body: JSON.stringify({ deep: JSON.stringify({ password: ['hunter2'] }) }),
    sql: "ALTER USER x PASSWORD 'hunter2'; CREATE ROLE y ENCRYPTED PASSWORD 'it''s hunter2'",
    changes: [{ field: 'profile', from: '{"password":"hunter2"}', to: ['password=hunter2'] }],
    'password=hunter2': ['mysql --password hunter2 -u eve'],
    result: 'success',
  },
  // Nobody did it: a dead letter.
  { event: 'invoice.read', card: '4111111111111111', note: 'for eve@mail.example', password: ['hunter2'] },
  // What cannot be read is kept as it came.
  `{"event":"x","password":"hunter2","mail":"eve@mail.example","card":"4111111111111111","token":"${token}`,
  `password=hunter2 {"password": {"a": "hunter2"}} eve@mail.example 10.66.6.6 EMP-482913 DE89 3704 0044 0532 0130 00`,
  `{"event":"${'x'.repeat(3_000)}","password":"hunter2","note":"eve@mail.example"}`,
  `{"event":"deep","a":${'['.repeat(300)}"eve@mail.example"${']'.repeat(300)},"password":"hunter2"}`,
  `{"event":"escaped","password":"hunter\\u0032","note":"eve\\u0040mail.example"}`,
  `{"event":"half","x":"eve\\u0040mail.example"`,
]

test('nowhere, with every record kept as it came', async () => {
  const bytes = Buffer.concat([
    ...records.map((record) =>
      Buffer.from(`${typeof record === 'string' ? record : JSON.stringify(record)}\n`),
    ),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(' eve@mail.example password=hunter2\n'),
  ])
  const input = join(directory, 'input.log')
  writeFileSync(input, bytes)
  const config = join(directory, 'affiant.yaml')
  writeFileSync(
    config,
    JSON.stringify({
      agent: { id: 'a', data_dir: join(directory, 'data') },
      receivers: {
        app: {
          type: 'file',
          include: [input],
          raw: 'full',
          max_record: '2KiB',
          on_missing: 'dead_letter',
          mapping: {
            extends: 'json',
            targets: [{ type: { const: 'invoice' }, id: 'invoice.id', attributes: { card: 'invoice.card' } }],
            changes: [{ each: 'changes', path: 'field', old: 'from', new: 'to' }],
            'metadata.note': 'secret_note',
          },
          redact: [{ path: ['source.ip', 'metadata.note'], method: 'mask' }],
        },
      },
      attribution: { require: { default: ['actor.id'] } },
      redact: [
        { key: 'password' },
        { pattern: ['email', 'card_number', 'iban', 'token', 'ip'] },
        { path: 'actor.name', method: 'hash' },
        { match: 'EMP-\\d{6}|Mallory', method: 'hash' },
      ],
      sinks: { out: { type: 'file', path: join(directory, 'out.ndjson') } },
      telemetry: { listen: '127.0.0.1:0' },
    }),
  )
  const loaded = await loadAgentConfig([config])
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) })
  const agent = await startAgent({ loaded, log, once: true })
  await agent.caughtUp(AbortSignal.timeout(30_000))
  const { durableSeq } = agent.journal
  expect(agent.totals()).toMatchObject({ records: records.length + 1 })
  await agent.stop({ reason: 'once' })

  const outputs = new Map<string, string>([['the log', logged.join('')]])
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && path !== input && path !== config) {
      outputs.set(path, readFileSync(path, 'latin1'))
    }
  }
  for (let seq = 0; seq < durableSeq; seq++) {
    outputs.set(`show ${seq}`, renderTrace(await traceEvent(loaded.config, seq)))
  }
  const exported = join(directory, 'exported')
  const terminal = Object.assign(Object.create(process.stderr) as NodeJS.WriteStream, { isTTY: false })
  await exportJournal({
    dataDir: loaded.config.agent.data_dir,
    keys: new KeyRing(),
    output: exported,
    terminal,
    say: (line) => outputs.set(`export: ${line}`, line),
  })
  outputs.set('export', readFileSync(exported, 'utf8'))

  const found = [...outputs].flatMap(([where, text]) => {
    const match = secret.exec(text)
    return match === null ? [] : [`${where}: ${text.slice(Math.max(0, match.index - 60), match.index + 40)}`]
  })
  expect(found).toEqual([])
  // It is the search that would find it: what was not to be taken out is there.
  expect(outputs.get('export')).toContain('u_1')
  expect(outputs.get('export')).toContain("ALTER USER x PASSWORD '***'")
  expect([...outputs.keys()].some((path) => path.includes('/dlq/'))).toBe(true)
  expect(outputs.get('export')!.match(/"raw_data":/g)!.length).toBeGreaterThan(5)
  for (const line of outputs.get('export')!.trimEnd().split('\n')) {
    const event = JSON.parse(line) as { redactions?: unknown; raw_data?: string; action: string }
    if (/^POST|invoice\.pay/.test(event.action))
      expect(event).toMatchObject({ redactions: expect.any(Array) })
  }
})
