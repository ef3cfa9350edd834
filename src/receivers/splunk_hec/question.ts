/** The body of `/services/collector/ack`: `{"acks":[0,1,2]}`. */
import { z } from 'zod'
import { AffiantError, asError } from '../../errors.ts'
import { HecError } from './codes.ts'

const question = z.object({ acks: z.array(z.int().min(0)) })

/** Splunk says no limit of its own; its clients ask about some thousands. */
const mostAsked = 100_000
/** Bytes: room for as many ids of nine digits. */
export const longestQuestion = 1024 * 1024

/** Says of a body over the limit what it is that is too long. */
export function refuseLong(thrown: unknown): never {
  if (!(thrown instanceof AffiantError) || thrown.code !== 'body_too_large') throw asError(thrown)
  throw new AffiantError(
    'body_too_large',
    `a question about acknowledgements has at most ${longestQuestion} bytes`,
    {
      hint: askForLess,
    },
  )
}

const askForLess = `ask about ${mostAsked} ids at a time`

export function idsIn(text: string): readonly number[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new HecError(6, 'the body is no JSON: it is written as {"acks":[0,1,2]}')
  }
  const { data } = question.safeParse(value)
  if (data === undefined) throw new HecError(6, 'the body is no question about ids: {"acks":[0,1,2]}')
  const count = data.acks.length
  if (count > mostAsked) throw new HecError(6, `the question is about ${count} ids: ${askForLess}`)
  return data.acks
}
