/** How an answer at the control socket says that it is an error: one line of JSON, the last. */
import { z } from 'zod'

export const errorMessage = z.strictObject({
  kind: z.literal('error'),
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
})

export type ErrorMessage = z.output<typeof errorMessage>
