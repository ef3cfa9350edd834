import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ApiServer } from '../../../../src/receivers/kubernetes/api/api-server.ts'

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

async function server(listener: RequestListener): Promise<ApiServer> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  running.push(async () => {
    http.closeAllConnections()
    await new Promise<void>((resolve) => http.close(() => resolve()))
  })
  const { port } = http.address() as AddressInfo
  return new ApiServer({ url: `http://127.0.0.1:${port}`, token: undefined, ca: undefined })
}

const never = new AbortController().signal

test('a watch on which nothing comes is cut', async () => {
  const api = await server((_request, response) => {
    response.writeHead(200).flushHeaders()
  })
  const response = await api.open('/', 50, never)
  await expect(response.toArray()).rejects.toThrow('nothing came for 0.05 s')
})

test('the signal ends a request that is not answered, and an answer that goes on', async () => {
  const silent = await server(() => {})
  const ended = new AbortController()
  const asked = silent.get('/', ended.signal)
  setImmediate(() => ended.abort())
  await expect(asked).rejects.toThrow('aborted')
  const endless = await server((_request, response) => {
    response.writeHead(200).flushHeaders()
  })
  const later = new AbortController()
  const response = await endless.open('/', 60_000, later.signal)
  const read = response.toArray()
  later.abort()
  await expect(read).rejects.toThrow('aborted')
})

test('a redirect is not followed, and is no list', async () => {
  const api = await server((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  })
  await expect(api.get('/', never)).rejects.toThrow('the API server answered 302')
})

test('a token that is not there is said with its file', async () => {
  const api = new ApiServer({ url: 'http://127.0.0.1:1', token: '/no/such/token', ca: undefined })
  await expect(api.get('/', never)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/^api\.token: ENOENT.*\/no\/such\/token/),
  })
})
