/**
 * One look at a record, before it is walked for what rules by `key` take out of it: nearly no record has anything of the
 * kind, and then nobody has to walk.
 */
import { calledOf } from './field-name.ts'
import { patchedNames } from './json-patch.ts'
import { fieldCheck, nameAtEnd } from './key-forms.ts'
import { isHidden } from './secrets.ts'

/** Names of members remembered with what they are; a producer has hundreds, an attacker any number. */
const maxRemembered = 4096

export interface Surveyed {
  /** There is a member with one of the names. */
  hasMember: boolean
  /** A text may have a field of one of the names, or be a word that ends with a name; a member's own name is a text, too. */
  hasText: boolean
}

const member = 1
const text = 2

/**
 * A function that adds to `found` what a record has.
 * @param areSecrets members count where there is a text in them that is not hidden
 */
export function surveyFields(
  names: readonly string[],
  areSecrets: boolean,
): (record: object, found: Surveyed) => void {
  const folded = new Set(names.map((name) => name.toLowerCase()))
  const mayHaveField = fieldCheck(names, areSecrets ? 'parameter' : undefined)
  const endsWithName = nameAtEnd(names)
  const known = new Map<string, number>()
  const isNamed = (key: string) => calledOf(key, (name) => folded.has(name)) !== undefined
  const isSuspect = (each: string) => mayHaveField(each) || endsWithName(each)

  function kindOf(key: string): number {
    let kind = known.get(key)
    if (kind === undefined) {
      kind = (isNamed(key) ? member : 0) | (mayHaveField(key) ? text : 0)
      if (known.size >= maxRemembered) known.clear()
      if (key.length <= 256) known.set(key, kind)
    }
    return kind
  }

  /** @param within a member that has one of the names */
  function survey(value: unknown, found: Surveyed, within: boolean): void {
    if (typeof value === 'string') {
      if (within && !isHidden(value)) found.hasMember = true
      if (!found.hasText && isSuspect(value)) found.hasText = true
    } else if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) survey(value[i], found, within)
        return
      }
      const values = value as Readonly<Record<string, unknown>>
      for (const key of Object.keys(values)) {
        const kind = kindOf(key)
        const isPatched = key === 'value' && patchedNames(values)?.some(isNamed) === true
        const isMember = isPatched || (kind & member) !== 0
        if (isMember && !areSecrets) found.hasMember = true
        if ((kind & text) !== 0) found.hasText = true
        survey(values[key], found, within || isMember)
      }
    }
  }

  return (record, found) => {
    survey(record, found, false)
  }
}
