/**
 * What must not go into an event as it is, for those who copy texts without looking at events: a secret where an id
 * belongs, a field within a text whose name is redacted. Rules that depend on other values have no such answer
 * (`dependsOnValues`).
 */
import { guardedMembers } from '../credential-guard.ts'
import { isPlainId } from '../plain-id.ts'
import { looksSecret } from '../secret-forms.ts'
import { fieldCheck, findFields } from './key-forms.ts'
import { isPartial, type RedactRule } from './rule.ts'

/** Whether a text must not be copied. */
type Refuses = (text: string) => boolean

/** The same of a member, with what is told by bytes. */
export interface MemberRefusal {
  readonly refuses: Refuses
  /** Whether bytes of UTF-8 stand for a text that may surely be copied. */
  isHarmless?(bytes: Uint8Array, from: number, to: number): boolean
}

export interface Refusals {
  /** Of a member, by its dotted path without indexes; undefined where nothing but `fields` is refused. */
  readonly ofMember: (member: string) => MemberRefusal | undefined
  /** Of every member; undefined where no rule names fields. */
  readonly fields: FieldRefusals | undefined
  /** Names of fields whose texts are secrets, where they are not hidden. */
  readonly secrets: readonly string[]
  /** Whether there are rules at all: one may name a place within what an enricher adds. */
  readonly hasRules: boolean
}

/** Fields within texts. */
export interface FieldRefusals {
  readonly names: readonly string[]
  /** They are pairs with `=`, members of JSON, or have escapes, and nothing else. */
  readonly areParameters: boolean
  readonly hasField: Refuses
  /** Of what becomes part of a longer text, where its own end may be the name of a field. */
  readonly hasFieldPart: Refuses
  /** Of what something is cut out of. */
  readonly hasFieldWithin: Refuses
}

export function compileRefusals(rules: readonly RedactRule[]): Refusals {
  const named = rules.filter((rule) => !isPartial(rule) && rule.mode === undefined)
  const secrets = named.flatMap(({ key = [], secret }) => (secret === true ? key : []))
  const names = named.flatMap(({ key = [] }) => key)
  const hasRules = rules.length > 0
  if (names.length === 0) return { ofMember: ofGuarded, secrets, fields: undefined, hasRules }
  if (secrets.length === names.length)
    return { ofMember: ofGuarded, secrets, fields: ofSecrets(secrets), hasRules }
  const inMessage = refusing(names, 'field')
  const ofMessage = { refuses: inMessage }
  const mayHave = fieldCheck(names)
  return {
    ofMember: (member) => ofGuarded(member) ?? (member === 'message' ? ofMessage : undefined),
    secrets,
    fields: {
      names,
      areParameters: false,
      hasField: refusing(names, 'identifier'),
      // As if a sign were to follow.
      hasFieldPart: (text) => inMessage(text) || (mayHave(`${text}=`) && inMessage(`${text}=x`)),
      hasFieldWithin: refusing(names, 'part'),
    },
    hasRules,
  }
}

function ofSecrets(names: readonly string[]): FieldRefusals {
  const hasField = refusing(names, 'parameter')
  const hasFieldWithin = refusing(names, 'part')
  return {
    names,
    areParameters: true,
    hasField,
    hasFieldPart: (text) => hasField(text) || hasField(`${text}=x`),
    hasFieldWithin,
  }
}

const secretId: MemberRefusal = { refuses: looksSecret, isHarmless: isPlainId }

const ofGuarded = (member: string): MemberRefusal | undefined =>
  guardedMembers.has(member) ? secretId : undefined

function refusing(names: readonly string[], bare: Parameters<typeof findFields>[1]): Refuses {
  const find = findFields(names, bare)
  return (text) => find(text).length > 0
}
