/** The agent's own log: JSON lines for machines, readable on a terminal. Never a record's body. */
import { type DestinationStream, type Logger, multistream, pino, stdTimeFunctions } from 'pino'

export type Log = Logger

export interface LogOptions {
  readonly level?: string
  /** @default readable when the stream is a terminal, JSON otherwise */
  readonly format?: 'json' | 'pretty'
}

/**
 * Logs go to standard error: standard output belongs to the `stdout` sink and to commands' results. `also` gets
 * every line as JSON, whatever the format.
 */
export async function createLog(options: LogOptions = {}, also?: DestinationStream): Promise<Log> {
  const level = options.level ?? 'info'
  const base = { level, base: {}, timestamp: stdTimeFunctions.isoTime }
  const first = await standardError(options.format ?? (process.stderr.isTTY ? 'pretty' : 'json'))
  if (also === undefined) return pino(base, first)
  // The logger has already decided what passes: the streams take everything.
  return pino(base, multistream([first, also].map((stream) => ({ stream, level: 'trace' as const }))))
}

async function standardError(format: 'json' | 'pretty'): Promise<DestinationStream> {
  if (format === 'json') return pino.destination({ fd: 2, sync: true })
  const { default: pretty } = await import('pino-pretty')
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}

/** A log that says nothing: for commands that print their own output, and for tests. */
export const silentLog: Log = pino({ level: 'silent' })
