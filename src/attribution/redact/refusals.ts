/**
 * What must not go into an event as it is, member by member, for those who copy texts without looking at events: a
 * secret where an id belongs, a field within a message whose name is redacted. Rules that depend on other values have
 * no such answer (`dependsOnValues`).
 */
import { guardedMembers } from '../credential-guard.ts'
import { looksSecret } from '../secret-forms.ts'
import { findFields } from './key-forms.ts'
import { isPartial, type RedactRule } from './rule.ts'

/** By a member's dotted path without indexes: whether a text must not be copied; undefined where any may. */
export function compileRefusals(
  rules: readonly RedactRule[],
): (member: string) => ((text: string) => boolean) | undefined {
  const names = rules
    .filter((rule) => !isPartial(rule) && rule.mode === undefined)
    .flatMap(({ key = [] }) => key)
  const find = names.length === 0 ? undefined : findFields(names)
  const hasField = find && ((text: string) => find(text).length > 0)
  return (member) => {
    if (guardedMembers.has(member)) return looksSecret
    return member === 'message' ? hasField : undefined
  }
}
