// The senders, in a process of their own: they must not be what is waited for. Bodies are encoded before anything is
// measured; each is sent as it is.
import { setTimeout as wait } from 'node:timers/promises'
import { encodeBodies } from './bodies.ts'
import type { LoadReport, LoadRequest } from './load-process.ts'
import { grpcSender } from './senders/grpc.ts'
import { httpSender } from './senders/http.ts'

const open = { http: httpSender, grpc: grpcSender }
let bodies: Buffer[] = []

async function send({ protocol, port, connections, from, count, every = 0 }: SendRequest) {
  const senders = await Promise.all(Array.from({ length: connections }, () => open[protocol](port)))
  const waited: number[] = []
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  let next = 0
  await Promise.all(
    senders.map(async (sender) => {
      while (next < count) {
        const i = next++
        // With a rate, a request is late from when it was due: a receiver that stops for a while is not let off.
        const due = every > 0 ? started + i * every : performance.now()
        if (due > performance.now()) await wait(due - performance.now())
        await sender.send(bodies[from + i]!)
        waited.push(performance.now() - due)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const sender of senders) sender.close()
  waited.sort((a, b) => a - b)
  const at = (q: number) => waited[Math.min(waited.length - 1, Math.floor(waited.length * q))]!
  return { seconds, cpuSeconds: (user + system) / 1e6, p50: at(0.5), p99: at(0.99), max: at(1) }
}

type SendRequest = Extract<LoadRequest, { do: 'send' }>

async function answer(request: LoadRequest): Promise<LoadReport> {
  if (request.do === 'send') return { sent: await send(request) }
  bodies = encodeBodies(request.count, request.batch)
  return { bytes: bodies.reduce((sum, { length }) => sum + length, 0) }
}

process.on('message', (request: LoadRequest) => {
  answer(request).then(
    (report) => process.send!(report),
    (thrown: unknown) => process.send!({ error: String(thrown) } satisfies LoadReport),
  )
})
