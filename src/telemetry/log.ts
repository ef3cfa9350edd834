/** The agent's own log: JSON lines for machines, readable on a terminal. Never a record's body. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'

export type Log = Logger

export interface LogOptions {
  readonly level?: string
  /** @default readable when the stream is a terminal, JSON otherwise */
  readonly format?: 'json' | 'pretty'
}

/** Logs go to standard error: standard output belongs to the `stdout` sink and to commands' results. */
export async function createLog(options: LogOptions = {}): Promise<Log> {
  const level = options.level ?? 'info'
  return pino({ level, base: {}, timestamp: stdTimeFunctions.isoTime }, await standardError(options.format))
}

/** Where it goes. @param format as `LogOptions` has it */
export async function standardError(named: LogOptions['format']): Promise<DestinationStream> {
  const format = named ?? (process.stderr.isTTY ? 'pretty' : 'json')
  if (format === 'json') return pino.destination({ fd: 2, sync: true })
  const { default: pretty } = await import('pino-pretty')
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}

/** A log that says nothing: for commands that print their own output, and for tests. */
export const silentLog: Log = pino({ level: 'silent' })
