/** The whole configuration: each component's schema lives beside its code, and is put together here. */
import { hostname } from 'node:os'
import { z } from 'zod'
import { attributionConfig, hashKeysConfig } from '../attribution/config.ts'
import { redactConfig } from '../attribution/redact/config.ts'
import { editorSchema } from '../config/editor-schema.ts'
import { jsonSchemaOf } from '../config/json-schema.ts'
import { durationFrom, name } from '../config/values.ts'
import { deliveryShape } from '../delivery/config.ts'
import { journalConfig } from '../journal/config.ts'
import { fileReceiverConfig } from '../receivers/file/config.ts'
import { httpReceiverConfig } from '../receivers/http/config.ts'
import { kubernetesReceiverConfig } from '../receivers/kubernetes/config.ts'
import { kubernetesAuditReceiverConfig } from '../receivers/kubernetes_audit/config.ts'
import { otlpAuditReceiverConfig } from '../receivers/otlp/audit/config.ts'
import { otlpReceiverConfig } from '../receivers/otlp/config.ts'
import { splunkHecReceiverConfig } from '../receivers/splunk_hec/config.ts'
import { syslogReceiverConfig } from '../receivers/syslog/config.ts'
import { routesConfig } from '../routing/config.ts'
import type { RouteSpec } from '../routing/route.ts'
import { fileSinkConfig } from '../sinks/file/config.ts'
import { httpSinkConfig } from '../sinks/http/config.ts'
import { otlpSinkConfig } from '../sinks/otlp/config.ts'
import { s3SinkConfig } from '../sinks/s3/config.ts'
import { splunkHecSinkConfig } from '../sinks/splunk_hec/config.ts'
import { stdoutSinkConfig } from '../sinks/stdout/config.ts'
import { telemetryConfig } from '../telemetry/config.ts'

const fallbackSection = z
  .strictObject({
    sink: z
      .string()
      .min(1)
      .describe(
        'The sink, by its name. It needs no routes; what it gets by routes anyway is not handed over',
      ),
    timeout: durationFrom('1s', '1d')
      .prefault('10s')
      .describe('How long that may take, behind `drain`, or behind the `--timeout` of `affiant drain`'),
  })
  .describe(
    'A last resort, for a journal that goes with its pod or machine: what required sinks have not settled when draining ends is handed over to this sink. It stays in the journal for them all the same',
  )

const agentSection = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/,
        'a name of letters, digits, _ . - (not starting with _ . -)',
      )
      .optional()
      .describe(
        'Part of the log origin and of every event; must differ between agents. Default: the host name, which in a pod is its name',
      )
      // Looked up after parsing, so that a schema made on one host doesn't name it as everybody's default.
      .transform((id) => id ?? hostname()),
    data_dir: z
      .string()
      .min(1)
      .default('/var/lib/affiant')
      .describe('Directory of journal, cursors and lock; one agent each. Relative to the working directory'),
    workers: z
      .int()
      .min(0)
      .max(64)
      .default(0)
      .describe(
        'Threads that parse and encode; 0 does it in the main thread, which is right for a sidecar, but for records of megabytes, which have a thread as long as there are some',
      ),
    drain: durationFrom('0s', '1d')
      .prefault('10s')
      .describe(
        'How long a stopping agent waits for sinks to settle what is committed; the rest goes out after the next start',
      ),
    fallback: fallbackSection.optional(),
  })
  .prefault({})
  .describe('This agent')

export const receiverConfig = z.discriminatedUnion('type', [
  fileReceiverConfig.describe('Follows files, line by line.'),
  httpReceiverConfig.describe('Takes records that are posted: JSON, lines, CloudEvents.'),
  kubernetesReceiverConfig.describe("Follows the logs of a Kubernetes node's containers."),
  kubernetesAuditReceiverConfig.describe('Takes what Kubernetes API servers send by their audit webhook.'),
  otlpReceiverConfig.describe('Takes OpenTelemetry log records over OTLP, by HTTP and gRPC.'),
  otlpAuditReceiverConfig.describe(
    "Takes records of OpenTelemetry's draft audit signal, with signatures, chains and receipts.",
  ),
  splunkHecReceiverConfig.describe("Takes what is sent to Splunk's HTTP Event Collector."),
  syslogReceiverConfig.describe('Takes messages of syslog over TCP, TLS and UDP.'),
])

export const sinkConfig = z.discriminatedUnion('type', [
  httpSinkConfig.safeExtend(deliveryShape({ concurrency: 16 })).describe('Posts batches to a URL.'),
  otlpSinkConfig
    .safeExtend(deliveryShape({ concurrency: 16 }))
    .describe('Sends OpenTelemetry log records, over HTTP or gRPC.'),
  splunkHecSinkConfig
    .safeExtend(deliveryShape({ concurrency: 16 }))
    .describe("Sends batches to Splunk's HTTP Event Collector."),
  s3SinkConfig
    .safeExtend(
      deliveryShape({
        concurrency: 4,
        batch: { max_bytes: '16MiB', max_events: 100_000, timeout: '1m', linger: '1m' },
      }),
    )
    .describe('Writes objects to a bucket, one a batch.'),
  fileSinkConfig
    .safeExtend(deliveryShape({ concurrency: 1 }))
    .describe('Appends one JSON line an event to a file.'),
  stdoutSinkConfig.safeExtend(deliveryShape({ concurrency: 1 })).describe('Writes to the standard output.'),
])

const journalSection = journalConfig.prefault({}).describe('The log on disk that decides what was received.')

/** At least one: an agent with nothing to read, or nowhere to send, is a mistake. */
const someOf = <T extends z.ZodType>(definition: T, what: string) =>
  z.record(name(), definition).refine((map) => Object.keys(map).length > 0, `needs at least one ${what}`)

export const agentConfig = z
  .strictObject({
    agent: agentSection,
    receivers: someOf(receiverConfig, 'receiver').describe('Where records come from, by names of yours.'),
    attribution: attributionConfig,
    redact: redactConfig,
    hash_keys: hashKeysConfig,
    journal: journalSection,
    sinks: someOf(sinkConfig, 'sink').describe('Where events go, by names of yours.'),
    routes: routesConfig
      .optional()
      .describe(
        'Which events go to which sinks: in order, the first match ends the search unless it says `continue`. Without this section every event goes to every sink.',
      ),
    telemetry: telemetryConfig,
  })
  .transform(({ routes, ...config }) => ({
    ...config,
    routes: routes ?? everythingEverywhere(Object.keys(config.sinks)),
  }))

export type ReceiverConfig = z.output<typeof receiverConfig>
export type SinkConfig = z.output<typeof sinkConfig>
export type AgentConfig = z.output<typeof agentConfig>

/** Only what says where an agent keeps its data. */
export const agentOnly = z.strictObject({ agent: agentSection })

/** Also what its journal is read with. */
export const agentAndJournal = z.strictObject({ agent: agentSection, journal: journalSection })

/** What `routes` means when it isn't there: what a newcomer expects of sinks. */
export const everythingEverywhere = (sinks: readonly string[]): RouteSpec[] => [
  { name: 'all', to: [...sinks], continue: false },
]

/** The file `schema/affiant.schema.json`. */
export function renderConfigSchema(): string {
  const { $schema, ...schema } = editorSchema(jsonSchemaOf(agentConfig))
  const heading = { $schema, $id: 'urn:affiant:schema:config', title: 'Affiant configuration' }
  return `${JSON.stringify({ ...heading, ...schema }, null, 2)}\n`
}
