/** A proxy that lets requests through, and loses the answers while it is told to. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** Requests with this method: the connection breaks where the answer would begin. */
  cutting: string | undefined
  /** Answers that were lost. */
  readonly cuts: number
}

export async function openCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    let method = ''
    near.on('data', (bytes) => {
      method = /^([A-Z]+) \//.exec(bytes.toString('latin1', 0, 16))?.[1] ?? method
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (method !== proxy.cutting) return void near.write(bytes)
      cuts++
      near.resetAndDestroy()
      far.destroy()
    })
    near.on('close', () => far.end())
    far.on('close', () => near.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${own}`,
    cutting: undefined,
    get cuts() {
      return cuts
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
