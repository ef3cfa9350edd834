/** OTLP/HTTP on a bare socket, so that sending costs next to nothing. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Sender } from './sender.ts'

const headEnd = '\r\n\r\n'

export async function httpSender(port: number): Promise<Sender> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let answered: PromiseWithResolvers<void> | undefined
  let received = ''
  const fail = (why: string) => answered?.reject(new Error(why))
  socket.on('error', (error) => fail(error.message))
  socket.on('close', () => fail('the connection was closed'))
  socket.setEncoding('latin1')
  socket.on('data', (data: string) => {
    received += data
    const end = received.indexOf(headEnd)
    if (end < 0) return
    const head = received.slice(0, end)
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    if (received.length < end + headEnd.length + length) return
    const answer = received
    received = ''
    // A body would name records that were not taken in.
    if (head.startsWith('HTTP/1.1 200') && length === 0) answered?.resolve()
    else fail(`answered with ${answer.slice(0, 500)}`)
  })
  return {
    send(body) {
      answered = Promise.withResolvers()
      socket.cork()
      socket.write(
        `POST /v1/logs HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${body.length}${headEnd}`,
      )
      socket.write(body)
      socket.uncork()
      return answered.promise
    },
    close: () => socket.destroy(),
  }
}
