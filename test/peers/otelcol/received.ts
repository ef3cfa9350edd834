/** What the collector wrote of what it took: one `ExportLogsServiceRequest` a line, in JSON. */

/** Of an attribute or a body. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { [name: string]: Value }

export interface Received {
  /** Unix nanoseconds, 0 where there are none. */
  readonly time: bigint
  readonly observedTime: bigint
  readonly severity: number
  readonly severityText: string
  readonly eventName: string
  readonly traceId: string
  readonly spanId: string
  readonly body: Value
  readonly attributes: Readonly<Record<string, Value>>
  readonly resource: Readonly<Record<string, Value>>
  readonly scope: string
}

interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values?: readonly AnyValue[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
}

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

interface LogRecord {
  readonly timeUnixNano?: string
  readonly observedTimeUnixNano?: string
  readonly severityNumber?: number
  readonly severityText?: string
  readonly eventName?: string
  readonly traceId?: string
  readonly spanId?: string
  readonly body?: AnyValue
  readonly attributes?: readonly KeyValue[]
}

interface Export {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeLogs?: readonly {
      readonly scope?: { readonly name?: string }
      readonly logRecords?: readonly LogRecord[]
    }[]
  }[]
}

/** The records of one line. */
export function receivedIn(line: string): Received[] {
  const { resourceLogs = [] }: Export = JSON.parse(line)
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((record) => readRecord(record, readMembers(resource?.attributes), scope?.name ?? '')),
    ),
  )
}

function readRecord(record: LogRecord, resource: Record<string, Value>, scope: string): Received {
  return {
    time: BigInt(record.timeUnixNano ?? 0),
    observedTime: BigInt(record.observedTimeUnixNano ?? 0),
    severity: record.severityNumber ?? 0,
    severityText: record.severityText ?? '',
    eventName: record.eventName ?? '',
    traceId: record.traceId ?? '',
    spanId: record.spanId ?? '',
    body: readValue(record.body ?? {}),
    attributes: readMembers(record.attributes),
    resource,
    scope,
  }
}

function readMembers(pairs: readonly KeyValue[] = []): Record<string, Value> {
  const members: Record<string, Value> = Object.create(null)
  for (const { key, value } of pairs) members[key] = readValue(value)
  return members
}

function readValue(value: AnyValue): Value {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) return Number(value.intValue)
  if (value.doubleValue !== undefined) return value.doubleValue
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(readValue)
  if (value.kvlistValue !== undefined) return readMembers(value.kvlistValue.values)
  return null
}
