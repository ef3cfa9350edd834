/** Export to one endpoint, whatever the protocol. */
import type { Outcome } from '../sink.ts'
import type { OtlpSinkConfig } from './config.ts'

export interface ExporterOptions {
  /** Its name, for messages. */
  readonly sink: string
  readonly url: string
  readonly config: OtlpSinkConfig
  readonly conceal: (text: string) => string
  /** Unix milliseconds. */
  readonly now: () => number
}

export interface Exporter {
  /** `count`: records in `body`. Rejects when no answer came in time; with the signal's reason when it aborts. */
  send(
    body: Buffer,
    count: number,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Outcome>
  close(): Promise<void>
}

/** Loads what the protocol needs: the gRPC library is not everybody's. */
export async function openExporter(options: ExporterOptions): Promise<Exporter> {
  if (options.config.protocol === 'grpc') {
    const { openGrpcExporter } = await import('./send-grpc.ts')
    return openGrpcExporter(options)
  }
  const { openHttpExporter } = await import('./send-http.ts')
  return openHttpExporter(options)
}
