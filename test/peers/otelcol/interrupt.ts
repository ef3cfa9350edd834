/** Lines are written all the while, and the collector is stopped, killed, and started again in the middle. */
import { appendFileSync } from 'node:fs'
import { until } from '../../e2e/until.ts'
import { auditLines } from './audit-lines.ts'
import type { Otelcol } from './otelcol.ts'

/** `input`: the file that is written to. How many lines it has in the end. */
export async function interrupt(otelcol: Otelcol, input: string): Promise<number> {
  let written = 0
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const before = written
    const writing = setInterval(() => {
      appendFileSync(input, auditLines(written, written + 50))
      written += 50
    }, 10)
    try {
      await until('some are written', () => written > before + 500)
      await otelcol.stop(signal)
      await until('more are written', () => written > before + 1000)
      await otelcol.start()
      await until('still more are written', () => written > before + 1500)
    } finally {
      clearInterval(writing)
    }
  }
  return written
}
