/** RFC 9457 problem details for what is not 2xx. The codes are those of errors.ts. */
import type { FastifyReply } from 'fastify'
import type { AffiantError } from '../errors.ts'

/** `type` is a URN of the code, which docs/errors.md explains. */
export function sendProblem(
  reply: FastifyReply,
  { code, message, hint, definition }: AffiantError,
  status: number,
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:affiant:error:${code}`,
        title: definition.summary,
        status,
        detail: message,
        ...(hint && { hint }),
      }),
    )
}
