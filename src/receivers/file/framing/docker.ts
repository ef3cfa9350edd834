/**
 * Docker's json-file format: one object a line, `log` with the text and its newline, `stream`, `time`, and `attrs` where
 * the daemon was told to add labels. Lines longer than 16 KiB come in several objects, all but the last without the
 * newline.
 */
import { z } from 'zod'
import type { Unwrapped } from './container-line.ts'

// `attrs` (labels, environment) say the same for every line of a container, and are not kept.
const entry = z.object({
  log: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  time: z.string(),
})

const replaced: readonly string[] = Object.freeze(['half of a surrogate pair replaced by U+FFFD'])

export function readDocker(line: Buffer): Unwrapped | undefined {
  const parsed = entry.safeParse(jsonOf(line))
  if (!parsed.success) return undefined
  const { log, stream, time } = parsed.data
  const partial = !log.endsWith('\n')
  const text = partial ? log : log.slice(0, log.endsWith('\r\n') ? -2 : -1)
  return {
    container: { time, output: stream },
    // Lone surrogates cannot be written as UTF-8.
    text: Buffer.from(text),
    partial,
    ...(!text.isWellFormed() && { warnings: replaced }),
  }
}

function jsonOf(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString())
  } catch {
    return undefined
  }
}
