/**
 * Syslog over UDP (RFC 5426): a datagram is a message. Who sends cannot be made to wait, so that what the queue does not hold
 * is dropped, and told. What the system drops before is in its own counters alone.
 */
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { Log } from '../../telemetry/log.ts'
import { chunkBytes } from '../server/intake-stream.ts'
import type { Server } from '../server/listener.ts'
import { peerAddress } from '../server/socket-peer.ts'
import type { Commits } from './commits.ts'
import { costOf, type Frame, wholeFrame } from './frame.ts'
import type { Losses } from './losses.ts'

/** What the system is asked to hold while something else is done. */
const systemBuffer = 4 * 1024 * 1024

export interface UdpServerOptions {
  readonly host: string
  readonly maxQueue: number
  readonly maxMessage: number
  readonly commits: Commits
  readonly losses: Losses
  readonly log: Log
}

interface Datagram {
  readonly bytes: Buffer
  readonly ip: string
}

export function createUdpServer(options: UdpServerOptions): Server {
  const { host, maxQueue, maxMessage, commits, losses, log } = options
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: systemBuffer })
  let queue: Datagram[] = []
  let held = 0
  let working: Promise<void> | undefined

  socket.on('message', (received, { address }) => {
    const bytes = withoutEnd(received)
    if (bytes.length === 0) return
    if (held + costOf(bytes) > maxQueue) {
      losses.add('queue_full', 1)
      losses.tell()
      return
    }
    held += costOf(bytes)
    queue.push({ bytes, ip: peerAddress(address) })
    working ??= work().finally(() => {
      working = undefined
    })
  })

  async function work(): Promise<void> {
    // What came in one go is committed in one.
    await setImmediate()
    while (queue.length > 0) {
      const batch = firstOf(queue)
      queue = queue.slice(batch.length)
      // Each sender's in order, and all of them at once.
      const bySender = Map.groupBy(batch, ({ ip }) => ip)
      await Promise.all(
        [...bySender].map(([ip, datagrams]) =>
          commits.take(
            datagrams.map(({ bytes }): Frame => wholeFrame(bytes, maxMessage)),
            { ip },
          ),
        ),
      )
      held -= batch.reduce((sum, { bytes }) => sum + costOf(bytes), 0)
      losses.tell()
    }
  }

  let isBound = false
  let closed: Promise<void> | undefined
  async function close(): Promise<void> {
    // What the system has received already is taken.
    if (isBound) {
      await setImmediate()
      await setImmediate()
    }
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    while (working) await working
    losses.tell(true)
  }

  return {
    listen: ({ port }) =>
      new Promise((resolve, reject) => {
        socket.once('error', reject)
        socket.bind(port, host, () => {
          isBound = true
          socket.off('error', reject)
          socket.on('error', (error) => log.error({ reason: error.message }, 'datagrams cannot be received'))
          resolve(socket.address().port)
        })
      }),
    renew() {},
    close() {
      closed ??= close()
      return closed
    },
    destroy() {},
  }
}

/** As many as are committed in one go. */
function firstOf(queue: readonly Datagram[]): Datagram[] {
  let bytes = 0
  let count = 0
  for (const datagram of queue) {
    bytes += datagram.bytes.length
    if (bytes > chunkBytes && count > 0) break
    count += 1
  }
  return queue.slice(0, count)
}

/** Senders that know TCP alone end their datagrams as they end lines. */
function withoutEnd(bytes: Buffer): Buffer {
  let to = bytes.length
  while (to > 0 && (bytes[to - 1] === 0x0a || bytes[to - 1] === 0x0d || bytes[to - 1] === 0)) to--
  return bytes.subarray(0, to)
}
