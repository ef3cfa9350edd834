/** RFC 9457 problem details for what is not 2xx. The codes are those of errors.ts. */
import type { AffiantError } from '../errors.ts'

export const problemType = 'application/problem+json'

/** `type` is a URN of the code, which docs/errors.md explains. */
export function problem({ code, message, hint, definition }: AffiantError, status: number): string {
  return JSON.stringify({
    type: `urn:affiant:error:${code}`,
    title: definition.summary,
    status,
    detail: message,
    ...(hint && { hint }),
  })
}
