/**
 * The agent's own log, sent to an OTLP collector beside standard error (`telemetry.logs.otlp`).
 *
 * For the log only: the exporter gives up after some retries, which would never do for audit events. What the exporter
 * itself has to complain about goes to standard error alone, or each failed export would cause the next one.
 */
import type { Logger, SeverityNumber } from '@opentelemetry/api'
import type { Log } from './log.ts'

export interface LogExportOptions {
  /** An OTLP/HTTP endpoint; `/v1/logs` is added unless it is there. */
  readonly endpoint: string
  readonly headers?: Readonly<Record<string, string>>
  readonly agent: { readonly id: string; readonly version: string }
  /** Milliseconds that `close` waits for what is still to be sent. @default 2000 */
  readonly closeTimeout?: number
}

export interface LogExport {
  /** Takes a line of the log, JSON. Never waits, nor fails. */
  readonly write: (line: string) => void
  /** Sends what is left, within `closeTimeout`. Lines that come later are not sent. */
  readonly close: () => Promise<void>
}

/** Marks lines that are about exporting, and are not exported. */
const component = 'otlp_log'

/** Loads the OpenTelemetry SDK. `log`: where it complains; what it says there is not exported. */
export async function openLogExport(options: LogExportOptions, log: Log): Promise<LogExport> {
  const [
    { DiagLogLevel, diag },
    { BatchLogRecordProcessor, LoggerProvider },
    { OTLPLogExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-logs'),
    import('@opentelemetry/exporter-logs-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const { agent, closeTimeout = 2_000 } = options
  const exporter = new OTLPLogExporter({
    url: logsUrl(options.endpoint),
    // Retries included: also how long a dead collector can outlive `close`.
    timeoutMillis: 5_000,
    ...(options.headers && { headers: { ...options.headers } }),
  })
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({
      'service.name': 'affiant',
      'service.version': agent.version,
      'service.instance.id': agent.id,
    }),
    processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 2048, scheduledDelayMillis: 1000 })],
  })
  const logger = provider.getLogger('affiant', agent.version)

  let open = true
  const own = log.child({ component })
  const say =
    (level: 'error' | 'warn' | 'info' | 'debug') =>
    (message: string, ...details: unknown[]) =>
      own[level](details.length === 0 ? {} : { details: details.map(String) }, complaint(message))
  diag.setLogger(
    { error: say('error'), warn: say('warn'), info: say('info'), debug: say('debug'), verbose: say('debug') },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  return {
    write(line) {
      if (open) emit(logger, line)
    },
    async close() {
      if (!open) return
      open = false
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, closeTimeout)
      await Promise.race([
        provider.shutdown().catch((error: unknown) => own.warn({ err: error }, 'log export')),
        late,
      ])
      clearTimeout(timer)
      diag.disable()
    },
  }
}

/** The SDK passes errors as their JSON, stack and all. */
function complaint(message: string): string {
  try {
    const error: unknown = JSON.parse(message)
    if (typeof error === 'object' && error !== null && 'message' in error)
      return `log export: ${String(error.message)}`
  } catch {
    // Not JSON, then it is words.
  }
  return message
}

function logsUrl(endpoint: string): string {
  const url = new URL(endpoint)
  if (!url.pathname.endsWith('/v1/logs')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/logs`
  return url.href
}

/** Pino's levels in OpenTelemetry's numbers. https://opentelemetry.io/docs/specs/otel/logs/data-model/#severity-fields */
const severities: Readonly<Record<number, readonly [SeverityNumber, string]>> = {
  10: [1, 'TRACE'],
  20: [5, 'DEBUG'],
  30: [9, 'INFO'],
  40: [13, 'WARN'],
  50: [17, 'ERROR'],
  60: [21, 'FATAL'],
}

function emit(logger: Logger, line: string): void {
  const { level, time, msg, err, ...attributes }: Record<string, unknown> = JSON.parse(line)
  if (attributes.component === component) return
  const [severityNumber, severityText] = severities[Number(level)] ?? [0, undefined]
  logger.emit({
    timestamp: new Date(String(time)),
    severityNumber,
    ...(severityText && { severityText }),
    body: typeof msg === 'string' ? msg : '',
    attributes: { ...flat(attributes), ...exception(err) },
  })
}

/** Attributes as every backend takes them: text, numbers and booleans; anything deeper as JSON. */
function flat(attributes: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? value
        : JSON.stringify(value),
    ]),
  )
}

/** Pino's form of an error, under OpenTelemetry's names. */
function exception(error: unknown): Record<string, string> {
  if (typeof error !== 'object' || error === null) return {}
  const names = { type: 'exception.type', message: 'exception.message', stack: 'exception.stacktrace' }
  return Object.fromEntries(
    Object.entries(names).flatMap(([member, name]): [string, string][] => {
      const value: unknown = Reflect.get(error, member)
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}
