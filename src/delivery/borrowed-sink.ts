/** A sink that another delivery has started and will stop, for somebody who only sends. */
import type { Partitioner, Sink } from '../sinks/sink.ts'

export function borrowed(sink: Sink, partition: Partitioner | undefined): Sink {
  const { name, type, target, plans } = sink
  return {
    name,
    type,
    target,
    ...(partition && { partition }),
    ...(plans && { plans }),
    ...(sink.plan && { plan: (batch) => sink.plan!(batch) }),
    start: async () => {},
    deliver: (batch, signal) => sink.deliver(batch, signal),
    stop: async () => {},
  }
}
