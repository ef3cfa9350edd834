/** The body of `/services/collector/ack`: `{"acks":[0,1,2]}`. */
import { z } from 'zod'
import { HecError } from './codes.ts'

const question = z.object({ acks: z.array(z.int().min(0)) })

export function idsIn(text: string): readonly number[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new HecError(6, 'the body is no JSON: it is written as {"acks":[0,1,2]}')
  }
  const { data } = question.safeParse(value)
  if (data === undefined) throw new HecError(6, 'the body is no question about ids: {"acks":[0,1,2]}')
  return data.acks
}
