/** A `syslog` receiver on ports of its own, and senders. Stopped when the test ends. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { type Clock, systemClock } from '../../../src/clock.ts'
import type { ServerNotice } from '../../../src/receivers/server/notice.ts'
import { syslogReceiverConfig } from '../../../src/receivers/syslog/config.ts'
import { createSyslogReceiver, type SyslogReceiver } from '../../../src/receivers/syslog/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import type { MemoryIntake } from '../memory-intake.ts'
import { RequestIntake } from '../request-intake.ts'

type Settings = Omit<Partial<z.input<typeof syslogReceiverConfig>>, 'type'>

const anyPort = { listen: '127.0.0.1:0' }

export interface Around {
  readonly notices?: ServerNotice[]
  readonly metrics?: ReturnType<typeof createMetrics>
  readonly clock?: Clock
}

export const create = (
  intake: MemoryIntake,
  settings: Settings = {},
  { notices = [], metrics = createMetrics(), clock = systemClock }: Around = {},
): SyslogReceiver =>
  createSyslogReceiver({
    name: 'hosts',
    config: syslogReceiverConfig.parse({ type: 'syslog', tcp: anyPort, udp: anyPort, ...settings }),
    intake,
    log: silentLog,
    metrics,
    clock,
    notify: (notice) => notices.push(notice),
  })

export async function listening(settings: Settings = {}, around: Around = {}) {
  const intake = new RequestIntake()
  const receiver = create(intake, settings, around)
  onTestFinished(() => receiver.stop())
  await receiver.start()
  const texts = () => intake.receivedTexts.map(({ text }) => text)
  return {
    receiver,
    intake,
    texts,
    tcp: receiver.addresses.tcp?.port ?? 0,
    udp: receiver.addresses.udp?.port ?? 0,
  }
}

export async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Resolves when the system has taken the bytes. */
export const write = (socket: Socket, bytes: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())))

/** One connection, closed behind what was written. */
export async function sendTcp(port: number, bytes: string | Uint8Array): Promise<void> {
  const socket = await connected(port)
  await write(socket, bytes)
  socket.end()
  socket.resume()
  await once(socket, 'close')
}

export async function sendUdp(port: number, datagrams: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = createSocket('udp4')
  try {
    for (const datagram of datagrams) {
      await new Promise<void>((resolve, reject) =>
        socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
      )
    }
  } finally {
    socket.close()
  }
}
