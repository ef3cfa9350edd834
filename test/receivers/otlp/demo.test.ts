import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { listening } from './listening.ts'

const root = join(import.meta.dirname, '../../..')

async function demo(port: number) {
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }
  const child = spawn(process.execPath, ['demo/otlp.ts'], { cwd: root, env })
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { output, errors, code: code as number }
}

test('what demo:otlp sends arrives, with ids and traces, and it says so', async () => {
  const { intake, port } = await listening()
  const { output, code } = await demo(port)
  expect(output).toContain('The agent answered 200: all 5 are in its journal')
  expect(code).toBe(0)
  expect(intake.received.map(({ value }) => value.event_name)).toEqual([
    'user.login',
    'order.create',
    'user.login',
    'order.refund',
    'order.read',
  ])
  for (const { id, value } of intake.received) {
    expect(id).toEqual({ uuid: expect.any(String) })
    expect(output).toContain(`trace ${String(value.trace_id)}`)
  }
})

test('without an agent demo:otlp says what to do', async () => {
  const { port, receiver } = await listening()
  await receiver.stop()
  const { errors, code } = await demo(port)
  expect(errors).toMatch(/The agent took 0 of 5 .*ECONNREFUSED.*: run npm start, in another terminal/)
  expect(code).toBe(1)
})
