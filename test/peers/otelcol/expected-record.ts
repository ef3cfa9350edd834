import type { Received } from './received.ts'

/** What the collector should have of an output line, but for the body: as docs/sinks.md says it. */
export function recordFor(line: string): Omit<Received, 'body'> {
  const { producer = {}, request = {}, log, targets, ...event } = JSON.parse(line)
  const nanoseconds = (time: string) =>
    BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, -1).padEnd(9, '0'))
  const defined = (members: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  const texts: Readonly<Record<number, string>> = { 5: 'DEBUG', 9: 'INFO', 13: 'WARN', 17: 'ERROR' }
  return {
    time: nanoseconds(event.time),
    observedTime: nanoseconds(event.observed_time),
    severity: event.severity ?? 0,
    severityText: texts[event.severity] ?? '',
    eventName: event.action,
    traceId: request.trace_id ?? '',
    spanId: request.span_id ?? '',
    scope: 'affiant',
    attributes: defined({
      'audit.record.id': event.id,
      'audit.actor.id': event.actor?.id,
      'audit.actor.type': event.actor?.type,
      'audit.action': event.action,
      'audit.outcome': event.outcome?.result,
      'audit.target.id': targets?.[0]?.id,
      'audit.target.type': targets?.[0]?.type,
      'audit.category': event.category,
      'audit.operation': event.operation,
      'audit.schema.version': event.schema,
      'audit.sequence.stream_id': log.origin,
      'audit.sequence.number': log.seq,
    }) as Received['attributes'],
    resource: defined({
      'service.name': producer.product ?? producer.service,
      'service.namespace': producer.product === undefined ? undefined : producer.service,
      'service.version': producer.version,
      'host.name': producer.host,
      'cloud.region': producer.region,
    }) as Received['resource'],
  }
}
