/** One way to a target: warmed up, then as many records as it takes in. */
import type { Load, Protocol } from './load-process.ts'
import type { Target } from './target.ts'

export interface Workload {
  readonly protocol: Protocol
  readonly connections: number
  /** Records a request. */
  readonly batch: number
  /** Requests that do not count: code is compiled, and what is alike is learnt. Those that do come behind them. */
  readonly warmUp: number
  readonly requests: number
}

export interface Throughput {
  /** Until the last record has arrived where it goes to. */
  readonly recordsPerSecond: number
  readonly recordsPerCpuSecond: number
  readonly peakRssMiB: number
  /** How busy the process was that sends: at 1 it would be what is measured. */
  readonly sending: number
}

export async function throughput(load: Load, target: Target, workload: Workload): Promise<Throughput> {
  const { protocol, connections, batch, warmUp, requests } = workload
  const to = { protocol, port: target.ports[protocol], connections }
  await load.send({ ...to, from: 0, count: warmUp })
  await target.settled(warmUp * batch)
  const before = target.usage()
  const started = performance.now()
  const sent = await load.send({ ...to, from: warmUp, count: requests })
  await target.settled((warmUp + requests) * batch)
  const seconds = (performance.now() - started) / 1000
  const after = target.usage()
  const records = requests * batch
  return {
    recordsPerSecond: records / seconds,
    recordsPerCpuSecond: records / (after.cpu - before.cpu),
    peakRssMiB: after.rss,
    sending: sent.cpuSeconds / sent.seconds,
  }
}
