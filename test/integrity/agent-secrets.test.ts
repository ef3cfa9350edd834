/**
 * The agent's own secrets: keys, the credentials of its log's collector, what senders show it. None gets into logs, answers,
 * command lines, own events or any file, nor into what is said of a configuration that is wrong because of one.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inspectAgentConfig } from '../../src/agent/load.ts'
import { renderProblems } from '../../src/config/render.ts'
import { AffiantProcess, AgentProcess, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

const key = (text: string) => Buffer.from(text.padEnd(32, '.')).toString('hex')
const env = {
  JOURNAL_KEY: key('hush-journal'),
  HASH_KEY: Buffer.from('hush-hash'.padEnd(32, '.')).toString('base64'),
  LOG_TOKEN: 'hush-log-token',
  NEXT_TOKEN: 'hush-next-token',
  SHORT_KEY: 'hush-short',
}
/** As they are, in hex, and in base64 with a user before them or without. */
const secret = /hush|68757368|aHVza|h1c2|odXNo/i

/** A collector that refuses, and repeats whatever it was sent. */
async function openCollector() {
  const headers: string[] = []
  const server = createServer((request, response) => {
    headers.push(String(request.headers.authorization))
    request.resume().once('end', () => response.writeHead(400).end(JSON.stringify(request.headers)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers }
}

/** What the agent, and all that it started, was called with. */
function commandLines(pid: number): string {
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((path) =>
    readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ...children.map(commandLines)].join('\n')
}

test('no secret of the agent is ever shown or kept', { timeout: 60_000 }, async () => {
  using work = new WorkDirectory()
  const collector = await openCollector()
  const out = work.at('out.ndjson')
  const hash = createHash('sha256').update('hush-sender').digest('hex')
  work.write('mac', 'hush-mac-of-producers\n')
  const settings = {
    agent: { id: 'secrets', data_dir: work.at('data'), drain: '1s' },
    hash_keys: [{ id: 'k1', secret: '${HASH_KEY}' }],
    redact: [{ key: ['password'], method: 'hash' }],
    receivers: {
      post: { type: 'http', listen: '127.0.0.1:0', auth: { bearer: [{ id: 'billing', hash: hash }] } },
      audit: {
        type: 'otlp_audit',
        http: { listen: '127.0.0.1:0' },
        keys: [{ id: 'mac', secret: work.at('mac') }],
      },
      hec: { type: 'splunk_hec', listen: '127.0.0.1:0', auth: { bearer: [{ id: 'billing', hash: hash }] } },
    },
    journal: { encryption: { keys: ['${JOURNAL_KEY}'] } },
    sinks: { out: { type: 'file', path: out } },
    telemetry: {
      listen: '127.0.0.1:0',
      log: { level: 'trace' },
      logs: { otlp: { endpoint: collector.url, headers: { authorization: 'Bearer ${LOG_TOKEN}' } } },
    },
  }
  const seen = new Map<string, string>()
  const config = work.write('affiant.yaml', JSON.stringify(settings))
  async function affiant(command: string, ...args: string[]) {
    await using child = new AffiantProcess([command, ...args, '-c', config], { env })
    const { code, stdout, stderr } = await child.result()
    seen.set(`${command} ${seen.size}`, stdout + stderr)
    return code
  }

  expect(await affiant('validate'), JSON.stringify([...seen])).toBe(0)
  /** A secret at a place that it does not fit. */
  const wrong = [
    { ...settings, agent: { ...settings.agent, workers: '${JOURNAL_KEY}' } },
    { ...settings, agent: { ...settings.agent, drain: '${LOG_TOKEN}' } },
    { ...settings, journal: { encryption: { keys: ['${SHORT_KEY}'] } } },
    { ...settings, journal: { encryption: { keys: ['${JOURNAL_KEY}', '${JOURNAL_KEY}'] } } },
    { ...settings, hash_keys: [{ id: 'k1', secret: 'hush-written-here' }] },
    { ...settings, hash_keys: [{ id: '${HASH_KEY}=', secret: '${file:/none/${HASH_KEY}}' }] },
    {
      ...settings,
      receivers: { post: { type: 'http', auth: { bearer: [{ id: 'billing', hash: 'hush-sender' }] } } },
    },
    { ...settings, receivers: { post: { type: '${LOG_TOKEN}' } } },
    { ...settings, telemetry: { logs: { otlp: { endpoint: '${LOG_TOKEN}' } } } },
    { ...settings, telemetry: { listen: '${LOG_TOKEN}' } },
  ]
  for (const each of wrong) {
    writeFileSync(config, JSON.stringify(each))
    // In the words of `validate`.
    const { problems } = await inspectAgentConfig([config], { env })
    expect(problems.length, JSON.stringify(each)).toBeGreaterThan(0)
    seen.set(`problems ${seen.size}`, renderProblems(problems, { colors: false }))
  }

  writeFileSync(config, JSON.stringify(settings))
  await using agent = new AgentProcess(['run', '-c', config], { env })
  await agent.ready()
  seen.set('ps', commandLines(agent.child.pid!))
  const at = { post: `http://${agent.http}/`, hec: `http://${agent.hec}/services/collector/event` }
  const post = async (
    url: string,
    authorization: string,
    body = '{"event":{"a":1},"password":"hush-field"}',
  ) => {
    const answer = await fetch(url, { method: 'POST', headers: { authorization }, body })
    seen.set(`answer ${seen.size}`, JSON.stringify([...answer.headers]) + (await answer.text()))
    return answer.status
  }
  expect(await post(at.post, 'Bearer hush-sender')).toBe(200)
  expect(await post(at.hec, 'Splunk hush-sender', '{"event":"login"}')).toBe(200)
  for (const url of Object.values(at)) {
    for (const scheme of [
      'Bearer hush-wrong',
      'Splunk hush-wrong',
      'hush',
      `Basic ${btoa('me:hush-wrong')}`,
    ]) {
      expect(await post(url, scheme)).toBeGreaterThanOrEqual(400)
    }
    await post(`${url}?token=hush-query`, 'Bearer hush-wrong')
    await post(`${url}/hush-path%zz`, 'Bearer hush-wrong')
  }
  await until('the event', () => eventsIn(out).some(({ unmapped }) => unmapped !== undefined))
  // What it cannot take up, and what it can.
  for (const each of wrong.slice(1, 3)) {
    writeFileSync(config, JSON.stringify(each))
    expect(await affiant('reload')).toBe(78)
  }
  const headers = { authorization: 'Bearer ${NEXT_TOKEN}' }
  const next = { type: 'http', url: collector.url, headers }
  writeFileSync(config, JSON.stringify({ ...settings, sinks: { ...settings.sinks, next } }))
  expect(await affiant('reload')).toBe(0)
  expect(await post(at.post, 'Bearer hush-sender')).toBe(200)
  await until('a delivery to it', () => collector.headers.includes('Bearer hush-next-token'))
  await affiant('status', '--json')
  for (const path of ['/status', '/metrics', '/readyz', '/files']) {
    seen.set(path, await (await fetch(`http://${agent.telemetry}${path}`)).text())
  }
  await until('a refused export', () => agent.stderr.includes('otlp_log'))
  expect(collector.headers).toContain('Bearer hush-log-token')
  agent.signal('SIGTERM')
  await agent.ended
  seen.set('its output', agent.stdout + agent.stderr)
  for (const entry of readdirSync(work.at('data'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) seen.set(path, readFileSync(path, 'latin1'))
  }
  seen.set('events', readFileSync(out, 'utf8'))
  for (const [what, text] of seen) {
    const where = Math.max(0, text.search(secret) - 120)
    expect(text.match(secret)?.[0], `${what}: ${text.slice(where, where + 240)}`).toBe(undefined)
  }
})
