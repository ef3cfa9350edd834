/** What to say to a target that no event has. */
import { nearest } from '../../cel/nearest.ts'
import { listTypes, memberTypes } from './targets.ts'

export function unknownTarget(target: string): string {
  const below = Object.keys(memberTypes).filter((name) => name.startsWith(`${target}.`))
  if (below.length > 0) return `this has members of its own: write ${below.join(', ')}`
  const group = Object.keys(memberTypes).filter((name) => name.startsWith(`${target.split('.')[0]}.`))
  const choices =
    group.length > 0 ? group : [...Object.keys(listTypes), 'metadata.<name>', 'action', 'actor.id', '…']
  const names = [...Object.keys(memberTypes), ...Object.keys(listTypes)]
  const guess = nearest(target, names)
  const help = guess === undefined ? '' : ` Did you mean ${guess}?`
  return `audit-event/1 has no such member.${help} There are ${choices.join(', ')}`
}
