/** A proxy on the loopback that tunnels (CONNECT), and passes plain requests on. */
import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

const allowed = `Basic ${Buffer.from('user:secret-word').toString('base64')}`

/** For who shows `user:secret-word`. */
export async function openProxy() {
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const passed: string[] = []
  const server = createServer((incoming, response) => {
    if (incoming.headers['proxy-authorization'] !== allowed) return void response.writeHead(407).end()
    passed.push(incoming.url ?? '')
    const { 'proxy-authorization': _, ...headers } = incoming.headers
    const onwards = send(incoming.url ?? '', { method: incoming.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onwards.on('error', () => response.destroy())
    incoming.pipe(onwards)
  })
  server.on('connection', (socket: Socket) => void sockets.add(socket))
  server.on('connect', (request, near) => {
    near.on('error', () => undefined)
    const shown = request.headers['proxy-authorization']
    if (shown !== allowed) {
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
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels, passed }
}
