import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { FaultProxy } from './fault-proxy.ts'

test('a cut of one method: its request arrives, its answer does not, and others get theirs', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      seen.push(request.method ?? '')
      response.writeHead(200).end('done')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await FaultProxy.open(() => (server.address() as AddressInfo).port)
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const ask = async (method: string) => {
    const body = method === 'GET' ? null : 'x'.repeat(200_000)
    return (await fetch(`http://127.0.0.1:${proxy.port}/`, { method, body })).text()
  }
  await proxy.become({ kind: 'cut', way: 'answer', after: 0, method: 'PUT' })
  expect(await ask('GET')).toBe('done')
  expect(proxy.lostAnswers).toBe(0)
  await expect(ask('PUT')).rejects.toThrow()
  expect(proxy.lostAnswers).toBe(1)
  expect(await ask('POST')).toBe('done')
  await proxy.become({ kind: 'none' })
  expect(await ask('PUT')).toBe('done')
  expect(seen).toEqual(['GET', 'PUT', 'POST', 'PUT'])
})
