/** Tags of LogRecord, all of one byte, and the members that its fields become. */
export const tags = {
  timestamp: 0x09,
  severityNumber: 0x10,
  severityText: 0x1a,
  body: 0x2a,
  attribute: 0x32,
  dropped: 0x38,
  flags: 0x45,
  traceId: 0x4a,
  spanId: 0x52,
  observed: 0x59,
  eventName: 0x62,
} as const

/** By tag. */
export const members: ReadonlyMap<number, string> = new Map([
  [tags.timestamp, 'timestamp'],
  [tags.severityNumber, 'severity_number'],
  [tags.severityText, 'severity_text'],
  [tags.body, 'body'],
  [tags.dropped, 'dropped_attributes_count'],
  [tags.flags, 'flags'],
  [tags.traceId, 'trace_id'],
  [tags.spanId, 'span_id'],
  [tags.observed, 'observed_timestamp'],
  [tags.eventName, 'event_name'],
])
