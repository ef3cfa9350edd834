/** A steady load over HTTP: how long durable answers take. */
import type { Load, Sent } from './load-process.ts'
import type { Target } from './target.ts'

export interface SteadyLoad {
  readonly connections: number
  /** Records a request. */
  readonly batch: number
  /** Requests that do not count. */
  readonly warmUp: number
  /** Requests that do, and milliseconds from one to the next. */
  readonly count: number
  readonly every: number
}

export async function latency(load: Load, target: Target, steady: SteadyLoad): Promise<Sent> {
  const { connections, batch, warmUp, count, every } = steady
  const to = { protocol: 'http', port: target.ports.http, connections } as const
  await load.send({ ...to, from: 0, count: warmUp })
  await target.settled(warmUp * batch)
  const sent = await load.send({ ...to, from: warmUp, count, every })
  await target.settled((warmUp + count) * batch)
  return sent
}
