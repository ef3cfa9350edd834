// config/webhook.yaml as it is, to a receiver that believes nothing but Standard Webhooks signatures, and is not always well.
import { appendFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { openHttpDestination } from '../sinks/http/destination.ts'
import { startAgent, WorkDirectory } from './agent-process.ts'
import { until } from './until.ts'

const secret = `whsec_${Buffer.from('a secret that two sides have, of 32 b').toString('base64')}`

test('denied actions arrive once each, signed; the rest is dropped and counted', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  const receiver = await openHttpDestination()
  onTestFinished(() => receiver.close())
  const webhook = new Webhook(secret)
  const taken: { actor: { id: string }; action: string; outcome: { result: string } }[] = []
  const ids: string[] = []
  const wrong: string[] = []
  let requests = 0
  receiver.answer = async (request, response) => {
    const body = await text(request)
    requests++
    // Every fourth request meets a receiver that is being restarted.
    if (requests % 4 === 0) return void response.writeHead(503).end()
    try {
      webhook.verify(body, request.headers as Record<string, string>)
    } catch (error) {
      wrong.push(String(error))
      return void response.writeHead(401).end()
    }
    const event = JSON.parse(body)
    if (event.action !== request.headers['x-audit-action'])
      wrong.push(`the header says ${String(request.headers['x-audit-action'])}`)
    ids.push(String(request.headers['webhook-id']))
    taken.push(event)
    response.writeHead(204).end()
  }
  const env = {
    HOSTNAME: 'hooks',
    AFFIANT_DATA: directory.at('data'),
    AFFIANT_LOGS: directory.path,
    AFFIANT_TELEMETRY: '127.0.0.1:0',
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: secret,
  }
  await using agent = startAgent('config/webhook.yaml', [], { env })
  await agent.ready()
  const line = (n: number) =>
    `{"time":"2026-05-01T10:00:00Z","action":"invoice.approve","actor":"u_${n}","outcome":"${n % 3 === 0 ? 'denied' : 'success'}"}\n`
  appendFileSync(directory.at('audit.log'), Array.from({ length: 90 }, (_, n) => line(n)).join(''))
  const denied = Array.from({ length: 30 }, (_, n) => `u_${n * 3}`)
  await until(
    'all that was denied',
    () => taken.filter(({ outcome }) => outcome.result === 'denied').length >= denied.length,
    () => `${agent.stderr}\n${wrong.join('\n')}`,
  )
  const metrics = await (await fetch(`http://${agent.telemetry}/metrics`)).text()
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  expect(wrong).toEqual([])
  const theirs = taken.filter(({ action }) => action === 'invoice.approve')
  expect(theirs.map(({ actor }) => actor.id).toSorted()).toEqual(denied.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  expect(metrics).toMatch(/^affiant_route_dropped_total\{.*route="rest".*\} 60$/m)
})
