/** What came of reading the configuration again. Snake case: this is what leaves the process as JSON. */
import { z } from 'zod'
import type { Problem } from '../config/problem.ts'

const names = z.array(z.string()).readonly()

const problem = z.object({
  severity: z.enum(['error', 'warning']),
  position: z.object({ file: z.string(), line: z.int(), column: z.int() }).optional(),
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
})

export const reloadReport = z.object({
  kind: z.literal('reloaded'),
  /** `refused`: what ran before runs. */
  outcome: z.enum(['changed', 'unchanged', 'refused']),
  /** SHA-256 of the configuration that ran before, and of the one that was read; null where it could not be. */
  from: z.string(),
  to: z.string().nullable(),
  /** Components by their dotted names. */
  added: names,
  changed: names,
  removed: names,
  /** Of a refusal: a code of docs/errors.md, one sentence, what to do about it. */
  code: z.string().nullable(),
  reason: z.string().nullable(),
  hint: z.string().nullable(),
  /** Of a configuration that is not valid; warnings of one that is. */
  problems: z.array(problem).readonly(),
})

export type ReloadReport = z.output<typeof reloadReport>

export const reported = ({
  severity,
  position,
  path,
  message,
}: Problem): ReloadReport['problems'][number] => ({
  severity,
  path: [...path],
  message,
  ...(position !== undefined && { position }),
})

/** As it was found. */
export const foundAs = ({ position, ...rest }: ReloadReport['problems'][number]): Problem => ({
  ...rest,
  position,
})
