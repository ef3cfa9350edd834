/** What is wrong with a place in an event, before there is any event. */
import { nearest } from '../../cel/nearest.ts'
import { eventMembers, type Member, type Members } from './members.ts'
import { anyElement, anyNumber, anyOne, type Step } from './path.ts'

/** Undefined where some event can have something there that may be taken out. */
export function placeProblem(steps: readonly Step[]): string | undefined {
  return problemBelow(eventMembers, steps, 'an event')
}

/** What must be there whatever a rule says, for a warning: undefined where the place is none of those. */
export function requiredAt(steps: readonly Step[]): string | undefined {
  const member = memberAt(steps)
  if (member?.kind === 'word') return `becomes "${member.fallback}"`
  return member?.kind === 'text' && member.required ? 'is masked' : undefined
}

function problemBelow(members: Members, [step, ...rest]: readonly Step[], where: string): string | undefined {
  if (step === anyOne || step === anyNumber || typeof step === 'object') return undefined
  if (typeof step !== 'string') return `${where} is no list`
  const member = members[step]
  if (member === undefined) {
    const guess = nearest(step, Object.keys(members))
    return `there is no ${step} in ${where}${guess === undefined ? '' : `. Did you mean ${guess}?`}`
  }
  switch (member.kind) {
    case 'fixed':
      return `${step} says what the event is, or what the agent did: it stays`
    case 'object':
      return rest.length === 0 ? undefined : problemBelow(member.members, rest, step)
    case 'list': {
      const below = typeof rest[0] === 'number' || rest[0] === anyElement ? rest.slice(1) : rest
      return below.length === 0 ? undefined : problemBelow(member.of, below, `an element of ${step}`)
    }
    case 'texts': {
      const below = typeof rest[0] === 'number' || rest[0] === anyElement ? rest.slice(1) : rest
      return below.length === 0 ? undefined : `${step} holds texts: nothing is below them`
    }
    case 'any':
    case 'free':
      return undefined
    default:
      return rest.length === 0 ? undefined : `${step} is one value: nothing is below it`
  }
}

function memberAt(steps: readonly Step[]): Member | undefined {
  let members: Members | undefined = eventMembers
  let member: Member | undefined
  for (const step of steps) {
    if (typeof step === 'number' || step === anyElement) continue
    member = typeof step === 'string' ? members?.[step] : undefined
    members = member?.kind === 'object' ? member.members : member?.kind === 'list' ? member.of : undefined
  }
  return member
}
