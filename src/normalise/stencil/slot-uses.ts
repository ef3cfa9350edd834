/**
 * What a mapping does with the value at each path, as far as that decides what a stencil may assume:
 *
 * - nothing but copying it (the default): the value is content, and a stencil has a hole for it;
 * - looking it up in a table: it is content unless it is one of the table's keys; with patterns, all values that the
 *   same pattern takes are treated alike (slot-class.ts);
 * - reading a time: a hole that is filled with the time read;
 * - matching: values that do not match, and those that are taken whole, are treated alike (match-class.ts);
 * - anything else (splitting, finding an element, numbers, naming a field): it decides about the event, so a
 *   stencil is made for each of its values.
 *
 * Presence is not among them: it belongs to the shape.
 */
import { isTransformed } from '../compile/emit-value.ts'
import { createTimeReader, type TimeReader } from '../compile/time-format.ts'
import type {
  Candidate,
  ListEntry,
  Mapping,
  Part,
  Source,
  Value,
  VariableSource,
} from '../mapping/mapping.ts'
import type { Path } from '../mapping/path.ts'
import { patternOf } from '../mapping/table.ts'
import { type ListType, listTypes, memberTypes, type TargetType } from '../mapping/targets.ts'
import { matchClass } from './match-class.ts'
import type { SlotPath } from './shape.ts'
import { integerClass, type SlotClass, slotClass } from './slot-class.ts'
import { hashText } from './slot-hash.ts'

export interface SlotUse {
  /** Every value decides. */
  exact: boolean
  /** Folded hashes of the values that decide; others are content. */
  keys: Set<number> | undefined
  /** What patterns take; a value decides by all of its classes. */
  classes: SlotClass[]
  /** Set when the value is read as a time, and nothing else. */
  time: TimeReader | undefined
  /** How it is read. */
  timeForm: string | undefined
  /** What a text must not be for a stencil to copy it: such as a secret, where an id belongs. */
  refusals: Refusal[]
}

/** Whether a text must not be copied as it is. */
type Refusal = (text: string) => boolean

/** What must not be copied into a member, by its dotted path without indexes; undefined where anything may. */
export type RefusalOf = (target: string) => Refusal | undefined

/** Numbers that may be as large as this (ports) differ from line to line; smaller ones (severities) are few. */
const manyIntegers = 65_535

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
  refusalOf: RefusalOf,
  compared: ReadonlySet<string> = new Set(),
): ((path: SlotPath) => SlotUse) | undefined {
  const reader = new UseReader(mapping, zone, refusalOf, compared)
  return reader.read() ? (path) => reader.useOf(path) : undefined
}

const content = (): SlotUse => ({
  exact: false,
  keys: undefined,
  classes: [],
  time: undefined,
  timeForm: undefined,
  refusals: [],
})

const any: unique symbol = Symbol('every element or member')
type Place = readonly (string | typeof any)[]

/** What is read at one place of records, and below it. `any` stands for every element or member: `each`, filters. */
class UseNode {
  readonly use: SlotUse = content()
  readonly below = new Map<string, UseNode>()
  any: UseNode | undefined

  at(segment: string | typeof any): UseNode {
    let next = segment === any ? this.any : this.below.get(segment)
    if (next === undefined) {
      next = new UseNode()
      if (segment === any) this.any = next
      else this.below.set(segment, next)
    }
    return next
  }
}

/** Whether a text takes what a regular expression finds, and nothing else is done to it. */
function isOnlyMatched(candidate: Candidate, { kind }: TargetType): boolean {
  const { match, trim, split, case: letters, table, time } = candidate
  const others = [trim, split, letters, table, time]
  return match !== undefined && kind === 'text' && others.every((step) => step === undefined)
}

const timeForm = (time: Candidate['time'], zone: string | undefined): string =>
  JSON.stringify([time?.formats ?? ['auto'], time?.zone ?? zone ?? null])

class UseReader {
  readonly #mapping: Mapping
  readonly #zone: string | undefined
  readonly #refusalOf: RefusalOf
  readonly #uses = new UseNode()
  #supported = true
  readonly #decided = new Set<string>()
  /** Variables that are being followed. */
  readonly #within = new Set<string>()
  readonly #comparedTargets: ReadonlySet<string>

  constructor(
    mapping: Mapping,
    zone: string | undefined,
    refusalOf: RefusalOf,
    compared: ReadonlySet<string>,
  ) {
    this.#mapping = mapping
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
    return this.#supported
  }

  #names(changes: readonly ListEntry[]): void {
    for (const { each, members } of changes) {
      const base: Place = each === undefined ? [] : [...this.#absolute(each, []), any]
      for (const { source } of members.path ?? []) this.#decides(source, base)
    }
  }

  /** Elements and members are used as a mapping names them: by their index or key, or all alike by `each`. */
  useOf(path: SlotPath): SlotUse {
    let nodes: UseNode[] = [this.#uses]
    for (const segment of path) {
      nodes = nodes.flatMap(({ below, any: each }) =>
        [below.get(String(segment)), each].filter((node) => node !== undefined),
      )
    }
    const found = nodes.map(({ use }) => use)
    const keys = found.flatMap((use) => [...(use.keys ?? [])])
    const times = found.flatMap((use) => use.time ?? [])
    const classes = found.flatMap((use) => use.classes)
    const decides = keys.length > 0 || classes.length > 0
    const exact = found.some((use) => use.exact) || times.length > 1 || (times.length > 0 && decides)
    return {
      exact,
      keys: keys.length === 0 ? undefined : new Set(keys),
      classes,
      time: exact ? undefined : times[0],
      timeForm: undefined,
      refusals: found.flatMap((use) => use.refusals),
    }
  }

  #list(entries: readonly ListEntry[], type: ListType, base: Place, target: string): void {
    for (const entry of entries) {
      if (entry.when !== undefined) this.#supported = false
      const below: Place = entry.each === undefined ? base : [...this.#absolute(entry.each, base), any]
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
      if (reference.kind === 'path') this.#absolute(reference.path, base)
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
        const place = this.#absolute(source.path, base)
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
          this.#decides(source, base)
        else this.#copied(source, base, target)
        return
      case 'template':
        // Copied into a text as they are; a text that is compared afterwards decides by all of its parts.
        if (transformed || type.kind !== 'text' || this.#isCompared(target)) {
          this.#decides(source, base)
        } else {
          for (const part of source.parts) this.#part(part, base)
        }
        return
      case 'field':
        for (const part of source.segments.flat()) this.#decides(part, base)
        // The value is at a path that only a record knows, so it can be content and nothing else.
        if (transformed || candidate.time || type.kind !== 'text') this.#supported = false
        if (this.#isCompared(target)) this.#supported = false
        return
      case 'all':
        for (const inner of source.values) {
          if (transformed) for (const { source: one } of inner) this.#decides(one, base)
          this.#value(inner, { kind: 'text' }, base, target)
        }
    }
  }

  /** A variable that a text takes as it is: what it is made of is used as if it stood there itself. */
  #copied(source: VariableSource, base: Place, target: string): void {
    const { name } = source
    const value = Object.hasOwn(this.#mapping.variables, name) ? this.#mapping.variables[name] : undefined
    if (value === undefined || this.#within.has(name)) {
      this.#decides(source, base)
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
      if (source.kind === 'variable') this.#decides(source, base)
      else if (source.kind === 'path') this.#absolute(source.path, base)
    }
  }

  /** Everything that `source` is made from decides about the event. */
  #decides(source: Source | Part | { readonly optional: readonly Part[] }, base: Place): void {
    if (typeof source === 'string') return
    if ('optional' in source) {
      for (const part of source.optional) this.#decides(part, base)
    } else if (!('kind' in source)) {
      for (const alternative of source) this.#decides(alternative, base)
    } else if (source.kind === 'path') {
      this.#at(this.#absolute(source.path, base)).exact = true
    } else if (source.kind === 'variable') {
      // A variable may need itself: then it has no value, and has been looked at.
      if (this.#decided.has(source.name)) return
      this.#decided.add(source.name)
      const value = this.#mapping.variables[source.name] ?? this.#mapping.targets[source.name] ?? []
      for (const candidate of value) this.#decides(candidate.source, [])
    } else if (source.kind === 'template') {
      for (const part of source.parts) this.#decides(part, base)
    } else if (source.kind === 'field' || source.kind === 'all') {
      this.#supported = false
    }
  }

  /** Whether a member's text is looked at afterwards, and not copied in any case. */
  #isCompared(target: string): boolean {
    return this.#isHeldAgainst(target) || this.#refusalOf(target) !== undefined
  }

  #use(path: Place, candidate: Candidate, type: TargetType, target: string): void {
    const use = this.#at(path)
    const refusal = this.#refusalOf(target)
    if (refusal !== undefined) use.refusals.push(refusal)
    const { table, time } = candidate
    if (isOnlyMatched(candidate, type) && !this.#isHeldAgainst(target))
      use.classes.push(matchClass(candidate))
    else if (isTransformed(candidate)) use.exact = true
    else if (table !== undefined) this.#table(use, table)
    else if (type.kind === 'text' || type.kind === 'texts' || type.kind === 'any') {
      if (this.#isHeldAgainst(target)) {
        use.exact = true
        this.#at([...path, any]).exact = true
      }
    } else if (type.kind === 'integer' && type.max >= manyIntegers && !this.#isHeldAgainst(target)) {
      use.classes.push(integerClass(type.min, type.max))
    } else if (
      type.kind === 'enum' ||
      type.kind === 'integer' ||
      type.kind === 'number' ||
      type.kind === 'boolean'
    ) {
      use.exact = true
    } else if (use.time === undefined) {
      use.timeForm = timeForm(time, this.#zone)
      use.time = createTimeReader(time?.formats ?? ['auto'], time?.zone ?? this.#zone)
    } else if (use.timeForm !== timeForm(time, this.#zone)) {
      // Two readers for one path: rare, and not worth two holes.
      use.exact = true
    }
  }

  #table(use: SlotUse, { entries, ignoreCase }: NonNullable<Candidate['table']>): void {
    const keys = Object.keys(entries)
    const patterns = keys.filter((key) => patternOf(key) !== undefined)
    // What `*` alone takes is any value.
    if (patterns.some((key) => key !== '*')) {
      const known = slotClass(patterns, ignoreCase)
      if (known === undefined) use.exact = true
      else use.classes.push(known)
    }
    for (const key of keys) {
      if (patterns.includes(key)) continue
      if (/[^\0-\x7f]/.test(key)) use.exact = true
      // A case-sensitive table's keys are folded too: a value that only looks like one decides for nothing.
      use.keys ??= new Set()
      use.keys.add(hashText(key.toLowerCase()))
    }
  }

  #at(path: Place): SlotUse {
    return path.reduce<UseNode>((node, segment) => node.at(segment), this.#uses).use
  }

  /** A filter reads its member of every element: all of them decide which one is meant. */
  #absolute({ base: from, segments }: Path, base: Place): Place {
    const place = from === 'record' ? [] : [...base]
    for (const step of segments) {
      if (typeof step === 'object') {
        this.#at([...place, any, step.key]).exact = true
        place.push(any)
      } else place.push(String(step))
    }
    return place
  }
}
