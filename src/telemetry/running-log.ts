/**
 * The agent's own log while it runs: level, format and export become what another configuration says, for everybody who has it
 * or a child of it. Whoever logs never waits for any of that.
 */
import { type DestinationStream, pino, stdTimeFunctions } from 'pino'
import type { z } from 'zod'
import type { telemetryConfig } from './config.ts'
import { type Log, standardError } from './log.ts'
import type { LogExport } from './otlp-log.ts'

export type LogSettings = Pick<z.output<typeof telemetryConfig>, 'log' | 'logs'>

export interface RunningLogOptions {
  readonly settings: LogSettings
  readonly agent: { readonly id: string; readonly version: string }
  /** Milliseconds that `close` waits for what is still to be exported. @default 2000 */
  readonly closeTimeout?: number
}

/** Lines that wait for an export that is being opened. */
const mostHeld = 2048

export class RunningLog {
  readonly log: Log
  readonly #options: RunningLogOptions
  readonly #children = new Set<WeakRef<Log>>()
  #settings: LogSettings
  #out: DestinationStream
  #export: LogExport | undefined
  #held: string[] | undefined

  private constructor(options: RunningLogOptions, out: DestinationStream) {
    this.#options = options
    this.#settings = options.settings
    this.#out = out
    const stream = { write: (line: string) => this.#write(line) }
    const onChild = (child: Log) => this.#adopt(child)
    const { level } = options.settings.log
    this.log = pino({ level, base: {}, timestamp: stdTimeFunctions.isoTime, onChild }, stream)
  }

  static async open(options: RunningLogOptions): Promise<RunningLog> {
    const running = new RunningLog(options, await standardError(options.settings.log.format))
    await running.#openExport()
    return running
  }

  async use(settings: LogSettings): Promise<void> {
    const before = this.#settings
    this.#settings = settings
    if (settings.log.level !== before.log.level) this.#setLevel(settings.log.level)
    if (settings.log.format !== before.log.format) this.#out = await standardError(settings.log.format)
    if (JSON.stringify(settings.logs) === JSON.stringify(before.logs)) return
    this.#held = []
    await this.#closeExport()
    await this.#openExport()
  }

  /** Sends what is left. Lines logged later go to standard error only. */
  async close(): Promise<void> {
    await this.#closeExport()
  }

  #write(line: string): void {
    this.#out.write(line)
    if (this.#held === undefined) this.#export?.write(line)
    else if (this.#held.length < mostHeld) this.#held.push(line)
  }

  #adopt(child: Log): void {
    for (const each of this.#children) if (each.deref() === undefined) this.#children.delete(each)
    this.#children.add(new WeakRef(child))
  }

  #setLevel(level: string): void {
    this.log.level = level
    for (const each of this.#children) {
      const child = each.deref()
      if (child !== undefined) child.level = level
    }
  }

  async #openExport(): Promise<void> {
    const { otlp } = this.#settings.logs
    const { settings: _settings, ...exporting } = this.#options
    // Nobody else pays for what it loads.
    const open = otlp && (await import('./otlp-log.ts')).openLogExport
    this.#export = open && (await open({ ...otlp, ...exporting }, this.log))
    for (const line of this.#held ?? []) this.#export?.write(line)
    this.#held = undefined
  }

  async #closeExport(): Promise<void> {
    await this.#export?.close()
    this.#export = undefined
  }
}
