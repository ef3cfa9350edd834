import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { explainCommand } from '../../src/cli/route-explain.ts'
import { blocksOf } from '../docs/blocks.ts'
import { AffiantProcess, WorkDirectory } from '../e2e/agent-process.ts'

const configuration = `
agent: { id: explain, data_dir: DIR/data }
receivers:
  app: { type: file, include: [DIR/app/*.log] }
  orders: { type: file, include: [DIR/orders/*.log] }
sinks:
  siem:
    type: splunk_hec
    url: https://splunk.example:8088
    token: first-secret
    tokens: { payments: second-secret }
    overrides: { index: ["team_*"] }
  lake: { type: s3, bucket: audit-archive, region: eu-central-1, overrides: { key_prefix: ["payments/*"] } }
  hook: { type: http, url: "https://example.com/{actor.id}" }
routes:
  - { name: noise, from: [app], when: 'actor.type == "system"', drop: "probes" }
  - name: payments
    when: 'category == "financial"'
    to: [siem, lake]
    continue: true
    override:
      siem: { index: 'team_{actor.id}', token: payments }
      lake: { key_prefix: '{actor.id}/' }
  - { name: logins, when: 'session.id == "s"', to: [hook] }
  - { name: rest, to: [siem] }
`

const event = (more: object = {}) => ({
  action: 'invoice.pay',
  actor: { id: 'u_1', type: 'user' },
  category: 'financial',
  id: '0198a000-0000-7000-8000-000000000001',
  provenance: { receiver: 'app' },
  schema: 'audit-event/1',
  time: '2026-11-24T10:00:00Z',
  log: { origin: 'affiant/a/1', seq: 3, size: 9 },
  ...more,
})

async function explain(input: string, options: { receiver?: string; json?: boolean } = {}) {
  using directory = new WorkDirectory()
  const config = directory.write('affiant.yaml', configuration.replaceAll('DIR', directory.path))
  const parts: string[] = []
  await explainCommand({
    config: [config],
    json: false,
    ...options,
    input: Readable.from([Buffer.from(input)]),
    output: { write: (text: string) => parts.push(text) },
  })
  return parts.join('')
}

test('the routes, what their conditions read, and where the event goes with what', async () => {
  expect(
    await explain(JSON.stringify(event())),
  ).toBe(`event 0198a000-0000-7000-8000-000000000001  invoice.pay  receiver app
  noise     not true: actor.type == "system"
            actor.type is "user"
  payments  true: category == "financial" → siem, lake, and goes on
            category is "financial"
  logins    not true, since what it reads is absent or of another kind: session.id == "s"
            session.id is absent
  rest      takes everything → siem
→ siem  index "team_u_1", token "payments"
→ siem
→ lake  key_prefix "u_1/"  dead letter: key_prefix "u_1/" is not among the sink's overrides.key_prefix
`)
})

test('a dropped event, and one that comes from another receiver than it says', async () => {
  const probe = JSON.stringify(event({ actor: { id: 'kubelet', type: 'system' } }))
  expect(await explain(probe)).toContain('true: actor.type == "system" → dropped\n')
  expect(await explain(probe)).toMatch(/dropped: probes\n$/)
  expect(await explain(probe, { receiver: 'orders' })).toContain('noise     takes from app only\n')
})

test("the agent's own events go by their own rules", async () => {
  const own = event({
    provenance: { receiver: 'affiant' },
    category: 'system',
    actor: { id: 'a', type: 'system' },
  })
  const text = await explain(JSON.stringify(own))
  expect(text).toContain('rest      takes everything → siem')
  expect(text).toMatch(/→ siem\n$/)
})

test('as JSON: a line for each event, without secrets', async () => {
  const lines = await explain(
    `${JSON.stringify(event())}\n\n${JSON.stringify(event({ session: { id: 's' } }))}\n`,
    {
      json: true,
    },
  )
  const [first, second] = lines
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(first).toMatchObject({
    receiver: 'app',
    dropped: null,
    routes: [
      { name: 'noise', verdict: 'not_true' },
      { name: 'payments', verdict: 'matches', to: ['siem', 'lake'] },
      { name: 'logins', verdict: 'undecided', reads: [{ path: 'session.id', value: null }] },
      { name: 'rest', verdict: 'matches' },
    ],
    sinks: [
      { sink: 'siem', set: { index: 'team_u_1', token: 'payments' }, refused: null },
      { sink: 'siem', set: {} },
      { sink: 'lake', refused: expect.stringContaining('key_prefix') },
    ],
  })
  expect(second).toMatchObject({ sinks: [{ sink: 'siem' }, { sink: 'lake' }, { sink: 'hook' }] })
  expect(lines).not.toContain('secret')
})

test('events as people have them: over several lines, or in an array', async () => {
  expect(await explain(JSON.stringify(event(), null, 2))).toContain('receiver app')
  expect((await explain(JSON.stringify([event(), event()]), { json: true })).split('\n')).toHaveLength(3)
})

test.each([
  ['nothing', ' \n', {}, 'no event on the standard input'],
  ['a raw line', '{"user":"u_1"}\n', {}, 'line 1 is no event of schema audit-event/1'],
  ['no JSON', `${JSON.stringify(event())}\n{"a":`, {}, 'line 2 is no JSON'],
  [
    'an event of a receiver that is not there',
    JSON.stringify(event({ provenance: { receiver: 'stdin' } })),
    {},
    'event 1 is of receiver "stdin", which the configuration lacks',
  ],
  ['another receiver', JSON.stringify(event()), { receiver: 'ap' }, 'the configuration has no receiver ap'],
])('%s is refused with a word on what to do', async (_, input, options, message) => {
  await expect(explain(input, options)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(message),
    hint: expect.any(String),
  })
})

test('a text of an event cannot move the cursor', async () => {
  const text = await explain(JSON.stringify(event({ category: '\u001b[2Jx', action: 'a\nb' })))
  expect(text).not.toContain('\u001b')
  expect(text).toContain('a\\u000ab')
})

test('what docs/routing.md prints is what the command prints, with the routes of that page', {
  timeout: 30_000,
}, async () => {
  const page = (language: string, part: string) =>
    blocksOf(language).find((block) => block.page === 'docs/routing.md' && block.text.includes(part))!.text
  using directory = new WorkDirectory()
  const config = directory.write(
    'affiant.yaml',
    `agent: { id: page, data_dir: ${directory.at('data')} }
receivers: { app: { type: file, include: [${directory.at('a.log')}] }, orders: { type: file, include: [${directory.at('o.log')}] } }
sinks: { siem: { type: file, path: ${directory.at('s')} }, hook: { type: file, path: ${directory.at('h')} }, lake: { type: file, path: ${directory.at('l')} } }
${page('yaml', 'kubelet probes')}`,
  )
  const sample = readFileSync(join(import.meta.dirname, '../../demo/app-audit.sample.log'), 'utf8')
  await using normalize = new AffiantProcess(['normalize', '--preset', 'json'], {
    input: `${sample.split('\n')[0]}\n`,
  })
  const { stdout: input } = await normalize.result()
  await using explained = new AffiantProcess(['route', 'explain', '-c', config, '--receiver', 'app'], {
    input,
  })
  const { stdout, code } = await explained.result()
  expect(code).toBe(0)
  expect(stdout.trimEnd()).toBe(page('text', 'takes from orders only').trimEnd())
})
