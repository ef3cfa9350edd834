/**
 * Which claims of a token are true of the event that it was found in. A token says who it was issued to; the record says
 * who acted, and with what. Where both speak of the same, what one leaves empty the other fills; a mixture of two
 * identities, or of two credentials, would be nobody's.
 */
import { type Addition, type Additions, type Members, nothingToAdd } from './contract.ts'
import { readMember } from './member.ts'

export interface Matched {
  readonly additions: Additions
  /** Why nothing of the token is used. Additions are then those that contradict the record, so that they are listed. */
  readonly problem?: string
}

/** Whoever is named by one of them is named. */
const naming = ['actor.id', 'actor.email', 'actor.name']

export function matchToken(additions: Additions, event: Readonly<Members>): Matched {
  const said = new Map(additions.map((each) => [each.member, each]))
  const subject = said.get('actor.id')
  if (subject === undefined && naming.some((member) => readMember(event, member) !== undefined)) {
    return {
      additions: nothingToAdd,
      problem: "has no subject (`sub`) to tell that it is the record's actor's: its claims are not used",
    }
  }
  const others = [subject, said.get('actor.email')].filter(
    (each) => each !== undefined && contradicts(each, event),
  ) as Addition[]
  // The same id is the same actor, whatever else is said of it.
  const isOthers = others.length > 0 && (others[0] === subject || !has(event, 'actor.id'))
  if (isOthers) {
    return {
      additions: others,
      problem: "was issued to another than the record's actor: its claims are not used",
    }
  }
  return { additions: withCredential(additions, event) }
}

/** What tells one credential from another. */
const identifying = ['credential.id', 'credential.issuer', 'credential.type']

/** Where the record names another credential, only what contradicts it is left of the token's, so that it is listed. */
function withCredential(additions: Additions, event: Readonly<Members>): Additions {
  const own = additions.filter(({ member }) => identifying.includes(member))
  const differing = own.filter((each) => contradicts(each, event))
  // A record that has an id and a token that has none may speak of two.
  const unnamed = has(event, 'credential.id') && !own.some(({ member }) => member === 'credential.id')
  if (differing.length === 0 && !unnamed) return additions
  return additions.filter((each) => !each.member.startsWith('credential.') || differing.includes(each))
}

const has = (event: Readonly<Members>, member: string): boolean => readMember(event, member) !== undefined

const contradicts = ({ member, value }: Addition, event: Readonly<Members>): boolean => {
  const present = readMember(event, member)
  return present !== undefined && folded(member, present) !== folded(member, value)
}

/** Addresses of mail are written in any case. */
const folded = (member: string, value: unknown): unknown =>
  member === 'actor.email' && typeof value === 'string' ? value.toLowerCase() : value
