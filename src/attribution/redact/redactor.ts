/**
 * Redaction of one receiver's records and events, in the order in which it happens: `begin`, `record` before the
 * mapping, `event` after all else is known of it, `text` for the record as it came. The credential guard works along
 * with the rules, and without any.
 */
import type { Condition } from '../../cel/contract.ts'
import { type Guarded, type GuardFinding, guardCredentials, guardRule } from '../credential-guard.ts'
import type { KeyedHash } from '../keyed-hash.ts'
import { isUnconditional } from './by-key.ts'
import { compileRules, type RulesForOne } from './compile.ts'
import { fieldCheck } from './key-forms.ts'
import type { Notes } from './notes.ts'
import { anywhere } from './path.ts'
import { type Decode, recordText } from './record-text.ts'
import { redactEvent } from './redact-event.ts'
import { redactFree } from './redact-free.ts'
import { maskedValue, type Redaction, type RedactRule } from './rule.ts'
import { findTexts, type PartialRule, scan } from './scanner.ts'
import { compileStates, type Place } from './states.ts'
import { type Surveyed, surveyFields } from './survey-fields.ts'
import type { Walk } from './walk.ts'

/** What redaction reads of an event; whatever else is in it is looked at all the same. */
export interface RedactableEvent extends Guarded {
  attribution?: { readonly enriched?: readonly string[] } | undefined
  quality?: { readonly parse: 'ok' | 'partial' | 'failed'; readonly warnings?: string[] } | undefined
  redactions?: Redaction[] | undefined
}

export interface RedactorOptions {
  readonly rules: readonly RedactRule[]
  readonly hash: KeyedHash
  readonly compileWhen: (source: string) => Condition
  readonly notes: Notes
  /** Told that an event's keys are no longer in canonical order. */
  readonly unordered: () => void
}

export type Redactor = ReturnType<typeof createRedactor>

/** @throws an error with its reason for a rule that is wrong */
export function createRedactor({ rules, hash, compileWhen, notes, unordered }: RedactorOptions) {
  const compiled = compileRules(rules, compileWhen)
  const replacing = replacedFields(rules)
  const inRecord = compileStates(replacing)
  /** Hashes that stand in this event already: no rule may hash them again. */
  const made = new Set<string>()
  const noting: KeyedHash = (text) => {
    if (made.has(text)) return text
    const hashed = hash(text)
    made.add(hashed)
    return hashed
  }
  /** What the guard found. */
  const secrets = new Set<string>()
  const isSecretsOnly = rules.length > 0 && rules.every(({ secret }) => secret === true)
  const names = rules.flatMap(({ key = [] }) => key)
  const survey = replacing.length === 0 ? undefined : surveyFields(names, isSecretsOnly)
  const mayHaveField = fieldCheck(names, isSecretsOnly ? 'parameter' : undefined)
  /** Of the event's record; undefined where it has none that could be looked at. */
  let surveyed: Surveyed | undefined
  let active: RulesForOne = compiled.all
  let everywhere: readonly PartialRule[] = []

  let isAdded: Walk['isAdded'] = fromElsewhere

  const walkOf = (trail: Walk['trail'], taken: Set<string>, parts: Set<string>): Walk => ({
    rules: active,
    hash: noting,
    notes,
    taken,
    parts,
    isAdded,
    everywhere,
    made,
    trail,
    unordered,
  })

  /** The record as it came, without what its event has lost; undefined where that cannot be done. */
  function text(bytes: Uint8Array, decode: Decode, failed: boolean): Uint8Array | undefined {
    if (rules.length === 0 && everywhere.length === 0) return bytes
    if (failed) active = compiled.all
    else if (isSecretsOnly && notes.isEmpty && !mayHaveField(asText(bytes))) return bytes
    const taken = new Set<string>()
    return recordText(bytes, decode, active, { ...walkOf([], taken, taken), isAdded: () => false })
  }

  return {
    /** Before each record, or line of several. */
    begin(): void {
      notes.clear()
      secrets.clear()
    },

    /** Before each event. */
    beginEvent(): void {
      notes.clearList()
      made.clear()
      surveyed = undefined
    },

    /** The record with what is hashed or truncated by its name: the mapping reads what stands there instead. */
    record<T extends object>(record: T): T {
      if (survey === undefined) return record
      const found = { hasMember: false, hasText: surveyed?.hasText ?? false }
      survey(record, found)
      surveyed = found
      if (!found.hasMember) return record
      const only = { root: inRecord, record: inRecord, otherwise: undefined }
      const walk = { ...walkOf(['record'], notes.fields, notes.parts), rules: only, unordered: () => {} }
      return redactFree(record, inRecord, true, undefined, walk) as T
    },

    /**
     * Takes out of the event what must not leave, and says so in it.
     * @param known secrets that others have found in it
     */
    event(event: RedactableEvent, known: readonly string[] = []): void {
      const findings = guardCredentials(event)
      active = compiled.activeFor(event as unknown as Readonly<Record<string, unknown>>)
      for (const secret of [...findings.map((finding) => finding.secret), ...known]) {
        secrets.add(secret)
        notes.take(secret, notes.values)
      }
      isAdded = addedBy(event)
      everywhere = secrets.size === 0 ? [] : [secretsOf([...secrets])]
      if (findings.length > 0) event.quality = warned(event.quality, findings)
      // Secrets are the record's: where none is in a text of it, none is in the event.
      const isClean = isSecretsOnly && surveyed?.hasText === false
      if ((rules.length > 0 && !isClean) || everywhere.length > 0) {
        redactEvent(event as unknown as Record<string, unknown>, walkOf([], notes.values, notes.parts))
      }
      event.redactions = notes.list()?.map((each) => ({ ...each, path: named(each.path) }))
    },

    text,

    /** Of an event whose record is kept since it could not be read: says what is taken out of that, and is not said yet. */
    noteText(event: RedactableEvent, bytes: Uint8Array, decode: Decode, failed: boolean): void {
      notes.clearList()
      text(bytes, decode, failed)
      const said = [...(event.redactions ?? [])]
      for (const { method, rule } of notes.list() ?? []) {
        // What the event has lost by its place is said with that.
        if (rule === maskedValue || said.some((each) => each.rule === rule)) continue
        said.push({ method, path: 'raw_data', ...(rule === undefined ? {} : { rule }) })
      }
      if (said.length > 0) event.redactions = said
    },
  }

  /** A path has names of the record, which a pattern may have taken out of it. */
  function named(path: string): string {
    const partial = [...everywhere, ...active.root.parts]
    return partial.length === 0 ? path : (scan(path, partial, hash)?.text ?? path)
  }
}

/** Who sent a record is known from the connection. */
const fromElsewhere: Walk['isAdded'] = ([member]) => member === 'provenance'

/** And what enrichers added is not of the record either. */
function addedBy({ attribution }: RedactableEvent): Walk['isAdded'] {
  const enriched = attribution?.enriched
  if (enriched === undefined) return fromElsewhere
  return (trail) => {
    if (fromElsewhere(trail)) return true
    const member = trail.filter((each) => typeof each === 'string').join('.')
    return enriched.some((each) => member === each || member.startsWith(`${each}.`))
  }
}

const asText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()

/** Secrets wherever they stand: also in the events of the same line, whose other members say them. */
const secretsOf = (secrets: readonly string[]): PartialRule => ({
  method: 'hash',
  finds: [{ rule: guardRule, find: findTexts(secrets) }],
})

type Quality = RedactableEvent['quality']

function warned(quality: Quality, findings: readonly GuardFinding[]): Quality {
  const { parse = 'ok', warnings = [] } = quality ?? {}
  const more = findings.map(({ path }) => `${path} looked like a secret: its keyed hash stands in its place`)
  return { parse, warnings: [...warnings, ...more] }
}

/** Fields that are replaced in the record itself. */
function replacedFields(rules: readonly RedactRule[]): Place[] {
  return rules.flatMap((each, order) => {
    const { key = [], method, length, name, secret } = each
    // A name that an earlier rule drops or masks cannot be read at all.
    const own = isUnconditional(each) && (method === 'hash' || method === 'truncate') ? key : []
    return own.map(
      (field): Place => ({
        role: 'whole',
        rule: {
          method,
          length,
          rule: name ?? `key:${field.toLowerCase()}`,
          order,
          ...(secret === undefined ? {} : { secret }),
        },
        steps: anywhere(field),
      }),
    )
  })
}
