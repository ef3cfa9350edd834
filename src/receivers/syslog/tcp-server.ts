/**
 * Syslog over TCP and TLS (RFC 6587, RFC 5425). Nothing is answered: what was read of a connection is committed before more is
 * read, so that a sender that is faster than the journal waits, with what it has not sent yet. What all connections hold
 * has a limit (held.ts).
 */
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Identities } from '../server/identities.ts'
import { chunkRecords, type Peer } from '../server/intake-stream.ts'
import type { Server } from '../server/listener.ts'
import { type Refusal, watchRefusals } from '../server/refusals.ts'
import { socketPeer } from '../server/socket-peer.ts'
import { renewTls, type TlsFiles, tlsOptions } from '../server/tls-files.ts'
import type { Commits } from './commits.ts'
import type { TcpConfig } from './config.ts'
import { costOf } from './frame.ts'
import { Framer, nothing } from './framer.ts'
import { Held } from './held.ts'
import { Incoming } from './incoming.ts'
import type { Losses } from './losses.ts'

/** Milliseconds. */
const handshakeTimeout = 10_000
const keepAliveAfter = 60_000
/** How long a connection that does not pause is still read from when the receiver stops. */
const lastReading = 1_000

/** A connection has its certificate, and nothing else, to show. */
const noHeader = () => undefined

export interface TcpServerOptions {
  readonly config: Pick<TcpConfig, 'idle_timeout' | 'max_connections'>
  readonly maxMessage: number
  /** Bytes that all connections hold at most. */
  readonly maxHeld: number
  readonly tls: TlsFiles | undefined
  readonly identities: Identities
  readonly commits: Commits
  readonly refused: (refusal: Refusal) => void
  readonly losses: Losses
  readonly stopping: AbortSignal
  readonly log: Log
  readonly clock: Clock
}

export function createTcpServer(options: TcpServerOptions): Server {
  const { config, tls, identities, commits, losses, refused, stopping, log, clock, maxMessage } = options
  const held = new Held(options.maxHeld)
  /** All that are open, those that shake hands included. */
  const sockets = new Set<Socket>()
  const served = new Map<Socket, Promise<void>>()

  const server: NetServer = tls
    ? createTlsServer({ ...tlsOptions(tls), handshakeTimeout }, serveSocket)
    : createServer(serveSocket)
  server.maxConnections = config.max_connections
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  watchRefusals(server, refused)

  function serveSocket(socket: Socket): void {
    const { ip } = socketPeer(socket)
    const incoming = new Incoming(socket, {
      held,
      stopping,
      givenUp: () => refused({ reason: 'max_in_flight', ip }),
    })
    const done = whose(socket)
      .then((peer) => peer && serve(socket, incoming, peer))
      .catch((thrown: unknown) => log.error({ err: thrown }, 'a defect'))
      .finally(() => {
        served.delete(socket)
        incoming.leave()
        socket.destroy()
      })
    served.set(socket, done)
  }

  /** Undefined for a stranger, who was told of. */
  async function whose(socket: Socket): Promise<Peer | undefined> {
    try {
      return await identities.identify(noHeader, socket)
    } catch (thrown) {
      if (thrown instanceof AffiantError && thrown.code === 'unauthenticated') return undefined
      throw thrown
    }
  }

  async function serve(socket: Socket, incoming: Incoming, peer: Peer): Promise<void> {
    const framer = new Framer(maxMessage)
    socket.setKeepAlive(true, keepAliveAfter)
    socket.setTimeout(config.idle_timeout, () => {
      // While the journal is waited for, or room, it is not the sender who is idle.
      if (incoming.isWaiting) incoming.end()
      else socket.setTimeout(config.idle_timeout)
    })
    const use = async (piece: Buffer) => {
      // As many as are committed in one go; the others are not made before.
      for (let bytes = piece; ; bytes = nothing) {
        const frames = framer.push(bytes, chunkRecords)
        incoming.keeps(frames.reduce((sum, frame) => sum + costOf(frame.bytes), framer.held))
        if (frames.length === 0) break
        await commits.take(frames, peer)
      }
    }
    for (;;) {
      await commits.room()
      const piece = await incoming.next(stopping)
      if (piece === undefined) break
      await use(piece)
    }
    const until = clock.monotonic() + lastReading
    while (clock.monotonic() < until) {
      const piece = await incoming.arrived()
      if (piece === undefined) break
      await use(piece)
    }
    const rest = framer.end(incoming.isClean)
    if (rest.length > 0) await commits.take(rest, peer)
  }

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          server.on('error', (error) =>
            log.error({ reason: error.message }, 'connections cannot be accepted'),
          )
          resolve((server.address() as AddressInfo).port)
        })
      }),
    renew: (files) => renewTls(server, files),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all(served.values())
      // Who is still shaking hands has sent nothing.
      for (const socket of sockets) socket.destroy()
      await closed
      losses.tell(true)
    },
    destroy() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
