/** The `file` sink: NDJSON, appended. */
import type { Clock } from '../../clock.ts'
import { AffiantError, asError, systemCode } from '../../errors.ts'
import { shapedLines } from '../../shapes/shaped-lines.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { classifyFileError } from './classify.ts'
import type { FileSinkConfig } from './config.ts'
import { FoundLines } from './found-lines.ts'
import { OutputFile } from './output-file.ts'

export interface FileSinkOptions {
  readonly name: string
  readonly config: FileSinkConfig
  readonly clock: Pick<Clock, 'now'>
}

export function createFileSink({ name, config, clock }: FileSinkOptions): Sink {
  const file = new OutputFile(config, () => clock.now())
  let turn: Promise<unknown> = Promise.resolve()
  let found: FoundLines | undefined

  /** Batches are appended one at a time, whatever the sink's concurrency. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }

  return {
    name,
    type: 'file',
    target: config.path,

    async start() {
      try {
        await inTurn(() => file.open())
      } catch (thrown) {
        const error = asError(thrown)
        // A mount may come, a mode may change, a disk may be cleared; a directory stays one.
        if (systemCode(error) !== 'EISDIR') return
        throw new AffiantError('config_invalid', `sink ${name}: ${config.path} is a directory`, {
          hint: 'path names the file itself',
          cause: error,
        })
      }
    },

    async resume({ origin, from }) {
      // Lines of other shapes do not say which event they are.
      if (config.shape !== 'affiant') return
      const lines = new FoundLines(origin)
      // What cannot be read now is appended again, if it can be then.
      await inTurn(() => file.find(lines, from)).catch(() => undefined)
      found = lines
    },

    async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
      try {
        await inTurn(async () => {
          signal.throwIfAborted()
          if (!found?.size) return await file.append(shapedLines(batch, config.shape).lines)
          const missing = found.missing(batch)
          if (missing.length > 0) await file.append(missing)
          found.settle(batch)
        })
        return { kind: 'accepted', released: true }
      } catch (thrown) {
        const error = asError(thrown)
        return classifyFileError(systemCode(error), error.message)
      }
    },

    async stop() {
      await inTurn(() => file.close())
    },
  }
}
