/** The `stdout` sink: NDJSON for programs, readable lines for people. */
import type { Writable } from 'node:stream'
import picocolors from 'picocolors'
import { asError, systemCode } from '../../errors.ts'
import { shapedLines } from '../../shapes/shaped-lines.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { classifyWriteError } from './classify.ts'
import type { StdoutSinkConfig } from './config.ts'
import { pretty } from './encode.ts'
import { writeOut } from './send.ts'

export interface StdoutSinkOptions {
  readonly name: string
  readonly config: StdoutSinkConfig
  /** While true, nothing is printed for people: `run` has not yet said what it found. @default never */
  readonly quiet?: () => boolean
  /** @default process.stdout */
  readonly stream?: Writable & { readonly isTTY?: boolean }
}

export function createStdoutSink(options: StdoutSinkOptions): Sink {
  const { name, config, stream = process.stdout, quiet = () => false } = options
  const terminal = stream.isTTY === true
  const format = config.format ?? (terminal ? 'pretty' : 'ndjson')
  const colors = picocolors.createColors(terminal && picocolors.isColorSupported)
  // Each write hears of its own failure; without a listener the stream would end the process as well.
  const onError = () => undefined

  return {
    name,
    type: 'stdout',
    target: format === 'pretty' ? 'terminal' : 'stdout',

    async start() {
      stream.on('error', onError)
    },

    async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
      const output =
        format === 'ndjson' ? shapedLines(batch, config.shape).lines : quiet() ? '' : pretty(batch, colors)
      if (output.length === 0) return { kind: 'accepted' }
      try {
        await writeOut(stream, output, signal)
        return { kind: 'accepted', released: true }
      } catch (thrown) {
        const error = asError(thrown)
        return classifyWriteError(systemCode(error), error.message)
      }
    },

    // The stream is the process's, not ours to end. The listener stays: a late EPIPE must not end a drain.
    async stop() {},
  }
}
