/** Configuration of what makes a record of a file's lines. */
import { z } from 'zod'
import { durationFrom } from '../../../config/values.ts'
import { containerFormats } from './container-line.ts'
import { encodings } from './encoding.ts'
import { patternProblem } from './multiline.ts'

const pattern = () =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const problem = patternProblem(text)
      if (problem === undefined) return
      const message = `not a pattern: ${problem} (patterns are RE2: no look-around, no back-references)`
      context.addIssue({ code: 'custom', message })
    })

const rules = ['start', 'continuation', 'indented'] as const

const multiline = z
  .strictObject({
    start: pattern().optional().describe('RE2 pattern: a line that matches begins a record.'),
    continuation: pattern()
      .optional()
      .describe('RE2 pattern: a line that matches belongs to the record before it.'),
    indented: z
      .literal(true)
      .optional()
      .describe('Lines that begin with a space or a tab belong to the record before them.'),
    timeout: durationFrom('10ms', '1h')
      .prefault('5s')
      .describe('A record to which nothing was added for this long is complete.'),
  })
  .refine((value) => rules.filter((rule) => value[rule] !== undefined).length === 1, {
    message: `takes exactly one of ${rules.join(', ')}`,
  })

export const framingConfig = {
  encoding: z
    .enum(encodings)
    .default('auto')
    .describe('How text is encoded. `auto`: as the byte order mark says, UTF-8 without one.'),
  container: z
    .enum(containerFormats)
    .default('none')
    .describe("The container runtime's format around each line. `auto`: as each file's first line says."),
  multiline: multiline
    .optional()
    .describe('Which lines belong together. Exactly one of `start`, `continuation` and `indented`.'),
}
