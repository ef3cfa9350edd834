/** Requests through a proxy: a real one on the loopback that tunnels (CONNECT). */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { batchOfMany, linesOf } from '../batches.ts'
import { httpSink, openHttpDestination } from '../http/destination.ts'

const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/tls', name)
const cert = fixture('localhost-cert.pem')
const key = fixture('localhost-key.pem')
const never = new AbortController().signal

/** Tunnels for who shows `user:secret-word`. */
async function openProxy() {
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => void response.writeHead(405).end())
  server.on('connection', (socket: Socket) => void sockets.add(socket))
  server.on('connect', (request, near) => {
    near.on('error', () => undefined)
    const shown = request.headers['proxy-authorization']
    if (shown !== `Basic ${Buffer.from('user:secret-word').toString('base64')}`) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const { hostname, port } = new URL(`http://${request.url}`)
    tunnels.push(request.url ?? '')
    const far = connect(Number(port), hostname, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(near)
      near.pipe(far)
    })
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels }
}

async function through(options: Record<string, unknown>) {
  const destination = await openHttpDestination({ cert: readFileSync(cert), key: readFileSync(key) })
  const sink = httpSink({ url: destination.url, tls: { ca: cert }, ...options })
  onTestFinished(async () => {
    await sink.stop()
    await destination.close()
  })
  await sink.start()
  const batch = batchOfMany(3)
  const outcome = await sink.deliver(batch, never)
  if (outcome.kind === 'accepted') expect(destination.lines()).toEqual(linesOf(batch))
  return { outcome, host: new URL(destination.url).host, target: sink.target }
}

test('a proxy with a name and a password', async () => {
  const { host: at, tunnels } = await openProxy()
  const { outcome, host } = await through({ proxy: `http://user:secret-word@${at}` })
  expect(outcome.kind).toBe('accepted')
  expect(tunnels).toEqual([host])
})

test('what a proxy does not let through waits, and its password is not shown', async () => {
  const { host: at, tunnels } = await openProxy()
  const { outcome, target } = await through({ proxy: `http://user:wrong-word@${at}` })
  expect(outcome.kind).toBe('later')
  expect(JSON.stringify([outcome, target])).not.toContain('wrong-word')
  expect(tunnels).toEqual([])
})

test('HTTPS_PROXY is followed, NO_PROXY and `proxy: none` are its exceptions', async () => {
  const { host: at, tunnels } = await openProxy()
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const name of ['https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, `http://user:secret-word@${at}`)
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '')
  expect((await through({})).outcome.kind).toBe('accepted')
  expect(tunnels).toHaveLength(1)
  expect((await through({ proxy: 'none' })).outcome.kind).toBe('accepted')
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '127.0.0.1')
  expect((await through({})).outcome.kind).toBe('accepted')
  expect(tunnels).toHaveLength(1)
})
