/**
 * What a mapping does with the value at each path, as far as that decides what a stencil may assume:
 *
 * - nothing but copying it (the default): the value is content, and a stencil has a hole for it;
 * - looking it up in a table: it is content unless it is one of the table's keys; with patterns, all values that the
 *   same pattern takes are treated alike (slot-class.ts);
 * - reading a time: a hole that is filled with the time read;
 * - anything else (splitting, patterns, ranges, numbers, naming a field): it decides about the event, so a stencil is
 *   made for each of its values.
 *
 * Presence is not among them: it belongs to the shape.
 */
import { createTimeReader, type TimeReader } from '../compile/time-format.ts'
import type { Candidate, ListEntry, Mapping, Part, Source, Value } from '../mapping/mapping.ts'
import type { Path } from '../mapping/path.ts'
import { patternOf } from '../mapping/table.ts'
import { type ListType, listTypes, memberTypes, type TargetType } from '../mapping/targets.ts'
import type { SlotPath } from './shape.ts'
import { type SlotClass, slotClass } from './slot-class.ts'
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
}

/** Targets whose value `unknown` counts as missing. */
const unknownCounts = new Set(['action', 'actor.type', 'outcome.result'])

/** Undefined when the mapping does what no stencil can follow: conditions above all. */
export function slotUses(
  mapping: Mapping,
  zone: string | undefined,
): ((path: SlotPath) => SlotUse) | undefined {
  const reader = new UseReader(mapping, zone)
  return reader.read() ? (path) => reader.useOf(path) : undefined
}

const content = (): SlotUse => ({ exact: false, keys: undefined, classes: [], time: undefined })

const wildcard = '*'
const keyOf = (path: readonly string[]) => JSON.stringify(path)
/** Indexes in a path beyond which every reading of it is too many. */
const maxIndexes = 4

/** Every way to write a path with its indexes as they are or as `each`; undefined when they are too many. */
function readingsOf(path: SlotPath): string[][] | undefined {
  if (path.filter((segment) => typeof segment === 'number').length > maxIndexes) return undefined
  return path.reduce<string[][]>(
    (readings, segment) =>
      readings.flatMap((reading) =>
        typeof segment === 'number'
          ? [
              [...reading, String(segment)],
              [...reading, wildcard],
            ]
          : [[...reading, segment]],
      ),
    [[]],
  )
}

class UseReader {
  readonly #mapping: Mapping
  readonly #zone: string | undefined
  readonly #uses = new Map<string, SlotUse>()
  #supported = true
  readonly #decided = new Set<string>()

  constructor(mapping: Mapping, zone: string | undefined) {
    this.#mapping = mapping
    this.#zone = zone
  }

  read(): boolean {
    const { decode, variables, targets, lists, metadata } = this.#mapping
    if (decode !== 'json') return false
    for (const value of Object.values(variables)) this.#value(value, { kind: 'text' }, [], '')
    for (const [target, value] of Object.entries(targets))
      this.#value(value, memberTypes[target]!, [], target)
    for (const [target, entries] of Object.entries(lists)) this.#list(entries, listTypes[target]!, [])
    for (const value of Object.values(metadata)) this.#value(value, { kind: 'any' }, [], '')
    return this.#supported && lists.changes === undefined
  }

  /** An array's elements are used as a mapping names them: by their index, or all alike by `each`. */
  useOf(path: SlotPath): SlotUse {
    const readings = readingsOf(path)
    if (readings === undefined) return { ...content(), exact: true }
    const found = readings.map((each) => this.#uses.get(keyOf(each))).filter((use) => use !== undefined)
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
    }
  }

  #list(entries: readonly ListEntry[], type: ListType, base: readonly string[]): void {
    for (const entry of entries) {
      if (entry.when !== undefined) this.#supported = false
      const below = entry.each === undefined ? base : [...this.#absolute(entry.each, base), wildcard]
      for (const [name, value] of Object.entries(entry.members))
        this.#value(value, type.members[name]!, below, '')
      for (const [name, inner] of Object.entries(entry.lists)) this.#list(inner, type.lists![name]!, below)
      for (const values of Object.values(entry.free)) {
        for (const value of Object.values(values)) this.#value(value, { kind: 'any' }, below, '')
      }
    }
  }

  #value(value: Value, type: TargetType, base: readonly string[], target: string): void {
    for (const candidate of value) {
      if (candidate.when !== undefined) this.#supported = false
      this.#source(candidate, type, base, target)
    }
  }

  #source(candidate: Candidate, type: TargetType, base: readonly string[], target: string): void {
    const { source } = candidate
    switch (source.kind) {
      case 'const':
        return
      case 'path':
        this.#use(this.#absolute(source.path, base), candidate, type, target)
        return
      case 'variable':
        this.#decides(source, base)
        return
      case 'template':
        // Copied into a text as they are; a text that is compared afterwards decides by all of its parts.
        if (candidate.table || candidate.split || type.kind !== 'text' || unknownCounts.has(target)) {
          this.#decides(source, base)
        } else {
          for (const part of source.parts) this.#part(part, base)
        }
        return
      case 'field':
        for (const part of source.segments.flat()) this.#decides(part, base)
        // The value is at a path that only a record knows, so it can be content and nothing else.
        if (candidate.table || candidate.split || candidate.time || type.kind !== 'text')
          this.#supported = false
        if (unknownCounts.has(target)) this.#supported = false
        return
      case 'all':
        for (const inner of source.values) this.#value(inner, { kind: 'text' }, base, '')
    }
  }

  #part(part: Part | { readonly optional: readonly Part[] }, base: readonly string[]): void {
    if (typeof part === 'string') return
    if ('optional' in part) for (const inner of part.optional) this.#part(inner, base)
    else for (const source of part) if (source.kind === 'variable') this.#decides(source, base)
  }

  /** Everything that `source` is made from decides about the event. */
  #decides(source: Source | Part | { readonly optional: readonly Part[] }, base: readonly string[]): void {
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

  #use(path: readonly string[], candidate: Candidate, type: TargetType, target: string): void {
    const use = this.#at(path)
    const { table, split, time } = candidate
    if (split !== undefined) use.exact = true
    else if (table !== undefined) this.#table(use, table)
    else if (type.kind === 'text' || type.kind === 'texts' || type.kind === 'any') {
      if (unknownCounts.has(target)) use.exact = true
    } else if (
      type.kind === 'enum' ||
      type.kind === 'integer' ||
      type.kind === 'number' ||
      type.kind === 'boolean'
    ) {
      use.exact = true
    } else if (use.time === undefined) {
      use.time = createTimeReader(time?.format ?? 'auto', time?.zone ?? this.#zone)
    } else {
      // Two readers for one path: rare, and not worth two holes.
      use.exact = true
    }
  }

  #table(use: SlotUse, { entries, ignoreCase }: NonNullable<Candidate['table']>): void {
    const keys = Object.keys(entries)
    const patterns = keys.filter((key) => patternOf(key) !== undefined)
    const known = patterns.length === 0 ? undefined : slotClass(patterns, ignoreCase)
    if (known !== undefined) use.classes.push(known)
    else if (patterns.length > 0) use.exact = true
    for (const key of keys) {
      if (patterns.includes(key)) continue
      if (/[^\0-\x7f]/.test(key)) use.exact = true
      // A case-sensitive table's keys are folded too: a value that only looks like one decides for nothing.
      use.keys ??= new Set()
      use.keys.add(hashText(key.toLowerCase()))
    }
  }

  #at(path: readonly string[]): SlotUse {
    const key = keyOf(path)
    let use = this.#uses.get(key)
    if (use === undefined) {
      use = content()
      this.#uses.set(key, use)
    }
    return use
  }

  #absolute(path: Path, base: readonly string[]): string[] {
    const segments = path.segments.map(String)
    return path.base === 'record' ? segments : [...base, ...segments]
  }
}
