/**
 * What receivers and sinks of each type take. A type's schema is made when a configuration names it: most name two or
 * three of them, and a start is quicker, and smaller in memory, for each one that isn't made.
 */
import { z } from 'zod'
import { type DeliveryDefaults, deliveryShape } from '../delivery/config.ts'

const receivers = {
  file: async () =>
    (await import('../receivers/file/config.ts')).fileReceiverConfig.describe('Follows files, line by line.'),
  http: async () =>
    (await import('../receivers/http/config.ts')).httpReceiverConfig.describe(
      'Takes records that are posted: JSON, lines, CloudEvents.',
    ),
  kubernetes: async () =>
    (await import('../receivers/kubernetes/config.ts')).kubernetesReceiverConfig.describe(
      "Follows the logs of a Kubernetes node's containers.",
    ),
  kubernetes_audit: async () =>
    (await import('../receivers/kubernetes_audit/config.ts')).kubernetesAuditReceiverConfig.describe(
      'Takes what Kubernetes API servers send by their audit webhook.',
    ),
  otlp: async () =>
    (await import('../receivers/otlp/config.ts')).otlpReceiverConfig.describe(
      'Takes OpenTelemetry log records over OTLP, by HTTP and gRPC.',
    ),
  otlp_audit: async () =>
    (await import('../receivers/otlp/audit/config.ts')).otlpAuditReceiverConfig.describe(
      "Takes records of OpenTelemetry's draft audit signal, with signatures, chains and receipts.",
    ),
  splunk_hec: async () =>
    (await import('../receivers/splunk_hec/config.ts')).splunkHecReceiverConfig.describe(
      "Takes what is sent to Splunk's HTTP Event Collector.",
    ),
  syslog: async () =>
    (await import('../receivers/syslog/config.ts')).syslogReceiverConfig.describe(
      'Takes messages of syslog over TCP, TLS and UDP.',
    ),
}

const manyAtOnce: DeliveryDefaults = { concurrency: 16 }
const objects: DeliveryDefaults = {
  concurrency: 4,
  batch: { max_bytes: '16MiB', max_events: 100_000, timeout: '1m', linger: '1m' },
}
const inOrder: DeliveryDefaults = { concurrency: 1 }

const sinks = {
  http: async () =>
    (await import('../sinks/http/config.ts')).httpSinkConfig
      .safeExtend(deliveryShape(manyAtOnce))
      .describe('Posts batches to a URL.'),
  otlp: async () =>
    (await import('../sinks/otlp/config.ts')).otlpSinkConfig
      .safeExtend(deliveryShape(manyAtOnce))
      .describe('Sends OpenTelemetry log records, over HTTP or gRPC.'),
  splunk_hec: async () =>
    (await import('../sinks/splunk_hec/config.ts')).splunkHecSinkConfig
      .safeExtend(deliveryShape(manyAtOnce))
      .describe("Sends batches to Splunk's HTTP Event Collector."),
  s3: async () =>
    (await import('../sinks/s3/config.ts')).s3SinkConfig
      .safeExtend(deliveryShape(objects))
      .describe('Writes objects to a bucket, one a batch.'),
  file: async () =>
    (await import('../sinks/file/config.ts')).fileSinkConfig
      .safeExtend(deliveryShape(inOrder))
      .describe('Appends one JSON line an event to a file.'),
  stdout: async () =>
    (await import('../sinks/stdout/config.ts')).stdoutSinkConfig
      .safeExtend(deliveryShape(inOrder))
      .describe('Writes to the standard output.'),
}

type Made<Makers> = Makers[keyof Makers] extends () => Promise<infer Schema extends z.ZodType>
  ? z.output<Schema>
  : never

export type ReceiverConfig = Made<typeof receivers>
export type SinkConfig = Made<typeof sinks>

export interface ComponentSchemas {
  readonly receiver: z.ZodType<ReceiverConfig>
  readonly sink: z.ZodType<SinkConfig>
}

/** All types there are. */
export const allComponents = (): Promise<ComponentSchemas> =>
  componentsOf(Object.keys(receivers), Object.keys(sinks))

/** The types that `written` names; undefined where it names one that there isn't, or none. */
export async function componentsIn(written: unknown): Promise<ComponentSchemas | undefined> {
  const [ofReceivers, ofSinks] = [typesIn(written, 'receivers'), typesIn(written, 'sinks')]
  const known =
    ofReceivers.length > 0 &&
    ofSinks.length > 0 &&
    ofReceivers.every((type) => Object.hasOwn(receivers, type)) &&
    ofSinks.every((type) => Object.hasOwn(sinks, type))
  return known ? componentsOf(ofReceivers, ofSinks) : undefined
}

async function componentsOf(
  ofReceivers: readonly string[],
  ofSinks: readonly string[],
): Promise<ComponentSchemas> {
  return {
    receiver: await oneOf<ReceiverConfig>(receivers, ofReceivers),
    sink: await oneOf<SinkConfig>(sinks, ofSinks),
  }
}

const made = new Map<() => Promise<z.ZodType>, Promise<z.ZodType>>()

async function oneOf<T>(
  makers: Readonly<Record<string, () => Promise<z.ZodType>>>,
  types: readonly string[],
): Promise<z.ZodType<T>> {
  const schemas = await Promise.all(
    types.map((type) => {
      const make = makers[type]!
      const schema = made.get(make) ?? make()
      made.set(make, schema)
      return schema
    }),
  )
  const [first, ...others] = schemas as z.ZodObject[]
  return z.discriminatedUnion('type', [first!, ...others]) as unknown as z.ZodType<T>
}

function typesIn(written: unknown, section: string): string[] {
  const entries = Object.values(recordOf(recordOf(written)[section]))
  return [...new Set(entries.map((entry) => String(recordOf(entry).type)))]
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
