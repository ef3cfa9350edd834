/** A request ends with its time, and with its signal, wherever it is: before a connection, in a handshake, behind a proxy. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openTransport } from '../../../src/sinks/transport/transport.ts'

/** Takes connections, and everything that comes, and says nothing. */
async function openBlackHole(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const request = { method: 'POST', path: '/', headers: {}, body: 'events' }

test.each(['an answer', 'a handshake', 'a proxy', 'a proxy of plain requests'])(
  'that waits for %s',
  async (what) => {
    const hole = await openBlackHole()
    const [origin, proxy] = {
      'an answer': [`http://${hole}`, 'none'],
      'a handshake': [`https://${hole}`, 'none'],
      'a proxy': ['https://127.0.0.1:9', `http://${hole}`],
      'a proxy of plain requests': ['http://127.0.0.1:9', `http://${hole}`],
    }[what] as [string, string]
    const transport = await openTransport({ sink: 'hook', origin, timeout: 300, proxy })
    onTestFinished(() => transport.close())
    const begun = performance.now()
    await expect(transport.request(request, new AbortController().signal)).rejects.toThrow('within 300 ms')
    expect(performance.now() - begun).toBeLessThan(2_000)

    const patient = await openTransport({ sink: 'hook', origin, timeout: 600_000, proxy })
    onTestFinished(() => patient.close())
    const stopping = new AbortController()
    const asked = patient.request(request, stopping.signal)
    stopping.abort(new Error('the agent stops'))
    await expect(asked).rejects.toThrow('the agent stops')
  },
)

test('behind a proxy nobody knows what still waits in a socket', async () => {
  const hole = await openBlackHole()
  const transport = await openTransport({
    sink: 'hook',
    origin: 'http://127.0.0.1:9',
    timeout: 300,
    proxy: `http://${hole}`,
  })
  onTestFinished(() => transport.close())
  expect(transport.flushed).toBe(false)
})
