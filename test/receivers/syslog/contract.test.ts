import type { Socket } from 'node:net'
import { receiverContract } from '../contract.ts'
import { connected, create, sendUdp, write } from './listening.ts'

const line = (marker: string) => `<13>1 2026-11-30T10:00:00Z host app - - - ${marker}`

receiverContract('syslog over TCP', async (intake) => {
  const receiver = create(intake, { udp: undefined })
  let socket: Promise<Socket> | undefined
  return {
    receiver,
    acknowledges: false,
    async send(markers) {
      socket ??= connected(receiver.addresses.tcp!.port)
      await write(await socket, markers.map((marker) => `${line(marker)}\n`).join(''))
      return 'taken'
    },
    async [Symbol.asyncDispose]() {
      const opened = await socket
      opened?.destroy()
      await receiver.stop()
    },
  }
})

receiverContract('syslog over UDP', async (intake) => {
  const receiver = create(intake, { tcp: undefined })
  return {
    receiver,
    acknowledges: false,
    async send(markers) {
      await sendUdp(receiver.addresses.udp!.port, markers.map(line))
      return 'taken'
    },
    [Symbol.asyncDispose]: () => receiver.stop(),
  }
})
