/**
 * What a mapping does with the value at each path, as far as that decides what a stencil may assume:
 *
 * - nothing but copying it (the default): the value is content, and a stencil has a hole for it;
 * - looking it up in a table: it is content unless it is one of the table's keys; with patterns, all values that the
 *   same pattern takes are treated alike (slot-class.ts);
 * - reading a time: a hole that is filled with the time read;
 * - matching: values that do not match, and those that a text takes whole, are treated alike (match-class.ts);
 * - anything else (splitting, finding an element, numbers, naming a field): it decides about the event, so a
 *   stencil is made for each of its values.
 *
 * Presence is not among them: it belongs to the shape.
 */
import type { Refusals } from '../../attribution/redact/refusals.ts'
import { isTransformed } from '../compile/emit-value.ts'
import type { Candidate, ListEntry, Mapping, Part, Value, VariableSource } from '../mapping/mapping.ts'
import { type ListType, listTypes, memberTypes, type TargetType } from '../mapping/targets.ts'
import { DecidingSources } from './deciding-sources.ts'
import { isCopied, noteUse } from './note-use.ts'
import type { SlotPath } from './shape.ts'
import type { SlotUse } from './slot-use.ts'
import { any, type Place, UseTree } from './use-tree.ts'

/** Targets whose value `unknown` counts as missing. */
const unknownCounts = new Set(['action', 'actor.type', 'outcome.result'])

/**
 * Undefined when the mapping does what no stencil can follow: conditions above all.
 *
 * @param compared members that are held against what is known without the record
 */
export function slotUses(
  mapping: Mapping,
  zone: string | undefined,
  refusalOf: Refusals['ofMember'],
  compared: ReadonlySet<string> = new Set(),
): ((path: SlotPath) => SlotUse) | undefined {
  const reader = new UseReader(mapping, zone, refusalOf, compared)
  return reader.read() ? (path) => reader.uses.of(path) : undefined
}

class UseReader {
  readonly #mapping: Mapping
  readonly #zone: string | undefined
  readonly #refusalOf: Refusals['ofMember']
  readonly uses = new UseTree()
  readonly #deciding: DecidingSources
  #supported = true
  /** Variables that are being followed. */
  readonly #within = new Set<string>()
  readonly #comparedTargets: ReadonlySet<string>

  constructor(
    mapping: Mapping,
    zone: string | undefined,
    refusalOf: Refusals['ofMember'],
    compared: ReadonlySet<string>,
  ) {
    this.#mapping = mapping
    this.#deciding = new DecidingSources(mapping, this.uses)
    this.#comparedTargets = compared
    this.#zone = zone
    this.#refusalOf = refusalOf
  }

  read(): boolean {
    const { variables, targets, lists, metadata } = this.#mapping
    for (const value of Object.values(variables)) this.#value(value, { kind: 'text' }, [], '')
    for (const [target, value] of Object.entries(targets))
      this.#value(value, memberTypes[target]!, [], target)
    for (const [target, entries] of Object.entries(lists)) this.#list(entries, listTypes[target]!, [], target)
    for (const [name, value] of Object.entries(metadata))
      this.#value(value, { kind: 'any' }, [], `metadata.${name}`)
    // A change is redacted by the name of what was changed.
    this.#names(lists.changes ?? [])
    return this.#supported && this.#deciding.isFollowed
  }

  #names(changes: readonly ListEntry[]): void {
    for (const { each, members } of changes) {
      const base: Place = each === undefined ? [] : [...this.#deciding.placeOf(each, []), any]
      for (const { source } of members.path ?? []) this.#deciding.add(source, base)
    }
  }

  #list(entries: readonly ListEntry[], type: ListType, base: Place, target: string): void {
    for (const entry of entries) {
      if (entry.when !== undefined) this.#supported = false
      const below: Place =
        entry.each === undefined ? base : [...this.#deciding.placeOf(entry.each, base), any]
      this.#presence(entry, below)
      for (const [name, value] of Object.entries(entry.members))
        this.#value(value, type.members[name]!, below, `${target}.${name}`)
      for (const [name, inner] of Object.entries(entry.lists))
        this.#list(inner, type.lists![name]!, below, `${target}.${name}`)
      for (const values of Object.values(entry.free)) {
        for (const value of Object.values(values)) this.#value(value, { kind: 'any' }, below, '')
      }
    }
  }

  /**
   * Presence belongs to the shape; which element is looked at may not. Whether a variable has a value is decided by what
   * reads its values: they are looked at for themselves.
   */
  #presence({ if: present = [], unless: absent = [] }: Pick<Candidate, 'if' | 'unless'>, base: Place): void {
    for (const reference of [...present, ...absent]) {
      if (reference.kind === 'path') this.#deciding.placeOf(reference.path, base)
    }
  }

  #value(value: Value, type: TargetType, base: Place, target: string): void {
    for (const candidate of value) {
      if (candidate.when !== undefined) this.#supported = false
      this.#presence(candidate, base)
      this.#source(candidate, type, base, target)
    }
  }

  #source(candidate: Candidate, type: TargetType, base: Place, target: string): void {
    const { source } = candidate
    const transformed = candidate.table !== undefined || isTransformed(candidate)
    switch (source.kind) {
      case 'const':
      case 'key':
        return
      case 'path': {
        const place = this.#deciding.placeOf(source.path, base)
        this.#use(place, candidate, type, target)
        // Each element of a list is transformed by itself.
        const alone = transformed || this.#refusalOf(target) !== undefined
        if (alone && type.kind === 'texts') this.#use([...place, any], candidate, type, target)
        return
      }
      case 'variable':
        if (
          transformed ||
          candidate.time !== undefined ||
          type.kind !== 'text' ||
          this.#isHeldAgainst(target)
        )
          this.#deciding.add(source, base)
        else this.#copied(source, base, target)
        return
      case 'template':
        // Copied into a text as they are; a text that is compared afterwards decides by all of its parts.
        if (transformed || type.kind !== 'text' || this.#isCompared(target)) {
          this.#deciding.add(source, base)
        } else {
          for (const part of source.parts) this.#part(part, base)
        }
        return
      case 'field':
        for (const part of source.segments.flat()) this.#deciding.add(part, base)
        // The value is at a path that only a record knows, so it can be content and nothing else.
        if (transformed || candidate.time || type.kind !== 'text') this.#supported = false
        if (this.#isCompared(target)) this.#supported = false
        return
      case 'all':
        for (const inner of source.values) {
          if (transformed) for (const { source: one } of inner) this.#deciding.add(one, base)
          this.#value(inner, { kind: 'text' }, base, target)
        }
    }
  }

  /** A variable that a text takes as it is: what it is made of is used as if it stood there itself. */
  #copied(source: VariableSource, base: Place, target: string): void {
    const { name } = source
    const value = Object.hasOwn(this.#mapping.variables, name) ? this.#mapping.variables[name] : undefined
    if (value === undefined || this.#within.has(name)) {
      this.#deciding.add(source, base)
      return
    }
    this.#within.add(name)
    this.#value(value, { kind: 'text' }, [], target)
    this.#within.delete(name)
  }

  /** Whether the value of the member is held against something. */
  #isHeldAgainst(target: string): boolean {
    const [list = ''] = target.split('.', 1)
    return unknownCounts.has(target) || this.#comparedTargets.has(target) || this.#comparedTargets.has(list)
  }

  #part(part: Part | { readonly optional: readonly Part[] }, base: Place): void {
    if (typeof part === 'string') return
    if ('optional' in part) {
      for (const inner of part.optional) this.#part(inner, base)
      return
    }
    for (const source of part) {
      if (source.kind === 'variable') this.#deciding.add(source, base)
      else if (source.kind === 'path') this.uses.at(this.#deciding.placeOf(source.path, base)).isPart = true
    }
  }

  /** Whether a member's text is looked at afterwards, and not copied in any case. */
  #isCompared(target: string): boolean {
    return this.#isHeldAgainst(target) || this.#refusalOf(target) !== undefined
  }

  #use(place: Place, candidate: Candidate, type: TargetType, target: string): void {
    const use = this.uses.at(place)
    const refusal = this.#refusalOf(target)
    if (refusal !== undefined) use.refusals.push(refusal)
    const isHeldAgainst = this.#isHeldAgainst(target)
    if (isHeldAgainst && isCopied(candidate, type)) {
      use.exact = true
      this.uses.at([...place, any]).exact = true
    } else
      noteUse(use, candidate, { type, zone: this.#zone, isHeldAgainst, isGuarded: refusal !== undefined })
  }
}
