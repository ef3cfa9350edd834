/** Records that were not taken in, as their senders are told. */
import type { Receipt } from '../receiver.ts'

/** By its place in the request. */
export type Rejected = Receipt['rejected'][number]

/** Of more an answer only says how many. */
export const mostNamed = 20

/** The first of them, each by its place, and how many more there are of `count`. */
export function namesOf(rejected: readonly Rejected[], count = rejected.length): string {
  const named = rejected.slice(0, mostNamed).map((one) => `record ${one.index} ${reasonOf(one)}`)
  const more = count - named.length
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** What is wrong with it. */
export const reasonOf = ({ missing, scope }: Omit<Rejected, 'index'>): string =>
  scope === undefined
    ? `lacks ${missing.join(', ')}`
    : `has the scope ${scope}, which its credential may not send`
