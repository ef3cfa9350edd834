/** Generates the code for one value: its candidates in order, each read, held against the target, and consumed. */

import type { Candidate, Part, Reference, Source, Value } from '../mapping/mapping.ts'
import { compileTable } from '../mapping/table.ts'
import type { TargetType } from '../mapping/targets.ts'
import type { Program } from './program.ts'
import { nodeAt } from './rest-node.ts'
import { literal, type Scope, storeFlags } from './scope.ts'
import { createTransform } from './transform.ts'

export interface Slot {
  /** The member, for `explain`, warnings and redactions. */
  readonly target: string
  readonly type: TargetType
  /** Whether what feeds it counts as represented. Variables are not part of the event. */
  readonly consumes: boolean
}

/** What a source's code is: statements before, the expression, statements for when it was taken. */
interface Read {
  readonly before: string
  readonly expression: string
  readonly taken: string
  /** An expression for where the value was found, where the mapping's text does not say it. */
  readonly place?: string
}

/** Emits code that leaves the value, or undefined, in a variable; returns the variable's name. */
export function emitValue(program: Program, scope: Scope, slot: Slot, value: Value): string {
  for (const name of variablesOf(value)) program.variable(name)
  const result = program.name('t')
  const misfit = value.some((candidate) => canMisfit(slot, candidate)) ? program.name('w') : undefined
  program.emit(misfit === undefined ? `let ${result};` : `let ${result}, ${misfit};`)
  value.forEach((candidate, i) => {
    const conditions = i === 0 ? [] : [`${result} === undefined`]
    if (candidate.when !== undefined) conditions.push(`${program.constant(candidate.when)}(condition)`)
    conditions.push(...presenceOf(program, scope, candidate))
    const code = emitCandidate(program, scope, slot, candidate, { result, misfit })
    program.emit(conditions.length === 0 ? `{ ${code} }` : `if (${conditions.join(' && ')}) { ${code} }`)
  })
  if (misfit !== undefined) {
    program.emit(`if (${result} === undefined && ${misfit} !== undefined) warn(state, ${misfit});`)
  }
  return result
}

/** Expressions for `if` and `unless`; their variables must have been emitted. */
export function presenceOf(
  program: Program,
  scope: Scope,
  { if: present, unless: absent }: Pick<Candidate, 'if' | 'unless'>,
): string[] {
  const one = (reference: Reference) => {
    if (reference.kind === 'key') return 'true'
    if (reference.kind === 'variable') return `${program.variable(reference.name)} !== undefined`
    const { path } = reference
    return `present(${(path.base === 'record' ? program.record : scope).read(path)}) !== undefined`
  }
  return [
    ...(present === undefined ? [] : [`(${present.map(one).join(' || ')})`]),
    ...(absent === undefined ? [] : [`!(${absent.map(one).join(' || ')})`]),
  ]
}

function emitCandidate(
  program: Program,
  scope: Scope,
  slot: Slot,
  candidate: Candidate,
  { result, misfit }: { readonly result: string; readonly misfit: string | undefined },
): string {
  const { source } = candidate
  if (source.kind === 'const') {
    const text = slot.type.kind === 'text' ? String(source.value) : source.value
    const constant = slot.type.kind === 'any' || slot.type.kind === 'texts'
    const value = constant
      ? program.constant(slot.type.kind === 'texts' ? [String(text)] : text)
      : JSON.stringify(text)
    return `${result} = ${value}; ${program.explain(slot, literal(candidate.text), result)}`
  }
  const read = emitRead(program, scope, source)
  let value = read.expression
  let taken = slot.consumes ? read.taken : ''
  const list = slot.type.kind === 'texts'
  const table = tableFor(slot.type, candidate.table)
  if (isTransformed(candidate) || (table !== undefined && list)) {
    const steps = { ...candidate, ...(table === undefined ? {} : { table }) }
    const transform = program.constant(createTransform(steps, list))
    value = `${transform}.apply(${value})`
    if (taken !== '') taken = `if (${transform}.whole) { ${taken} }`
  } else if (table !== undefined) {
    const look = program.constant(compileTable(table.entries, table.ignoreCase))
    value = `${look}.find(${value})`
    if (taken !== '') taken = `if (${look}.exact) { ${taken} }`
  }
  const found = program.name('v')
  const explained = program.explain(slot, read.place ?? literal(candidate.text), result)
  const given = canMisfit(slot, candidate) ? program.name('g') : undefined
  const fitted = emitFit(program, slot, candidate, given ?? value)
  const otherwise =
    given === undefined
      ? ''
      : `else if (present(${given}) !== undefined) ${misfit} = ${literal(misfitOf(slot, candidate))};`
  return `${read.before} ${given === undefined ? '' : `const ${given} = ${value};`} const ${found} = ${fitted.expression}; if (${found} !== undefined) { ${result} = ${found}; ${taken} ${fitted.taken} ${explained} } ${otherwise}`
}

/** Whether a value that is there and does not fit is told of. Texts are guessed at in too many places. */
function canMisfit({ type: { kind }, target }: Slot, { source, table }: Candidate): boolean {
  if (source.kind !== 'path' || table !== undefined || target === '') return false
  return kind === 'enum' || kind === 'integer' || kind === 'number' || kind === 'boolean' || kind === 'time'
}

/** For `quality.warnings`: names member and path, and says nothing of the value, which may be a secret. */
function misfitOf({ target, type }: Slot, { text }: Candidate): string {
  const what =
    type.kind === 'enum'
      ? `none of ${type.values.join(', ')}`
      : type.kind === 'integer'
        ? `no whole number from ${type.min} to ${type.max}`
        : type.kind === 'boolean'
          ? 'neither true nor false'
          : type.kind === 'time'
            ? 'no time that can be read'
            : 'no number'
  return `${target}: the value at ${text} is ${what}`
}

/** With texts as results, where texts are what the member takes. */
function tableFor({ kind }: TargetType, table: Candidate['table']): Candidate['table'] {
  if (table === undefined || (kind !== 'text' && kind !== 'texts')) return table
  const entries = Object.entries(table.entries).map(([key, entry]) => [key, String(entry)])
  return { ...table, entries: Object.fromEntries(entries) as Record<string, string> }
}

/** Whether anything but a table changes the value. */
export function isTransformed({ trim, match, split, case: letters }: Candidate): boolean {
  return trim !== undefined || match !== undefined || split !== undefined || letters !== undefined
}

function emitFit(
  program: Program,
  { type, target }: Slot,
  { time, table }: Candidate,
  value: string,
): { expression: string; taken: string } {
  switch (type.kind) {
    case 'text':
      return { expression: table === undefined ? `text(${value})` : value, taken: '' }
    case 'texts':
      return { expression: `texts(${value})`, taken: '' }
    case 'enum':
      if (table !== undefined) return { expression: value, taken: '' }
      return { expression: `member(${value}, ${program.constant(new Set(type.values))})`, taken: '' }
    case 'integer':
      return { expression: `integer(${value}, ${type.min}, ${type.max})`, taken: '' }
    case 'number':
    case 'boolean':
      return { expression: `${type.kind}(${value})`, taken: '' }
    case 'any':
      return { expression: `free.value(present(${value}), ${literal(target)}) ?? undefined`, taken: '' }
    default: {
      const reader = program.timeReader(time?.formats ?? ['auto'], time?.zone)
      const original =
        target === 'time' ? `original = ${reader}.original; inferred = ${reader}.assumed !== undefined;` : ''
      return {
        expression: `${reader}.read(${value}, state.observed)`,
        taken: `${original} if (${reader}.assumed !== undefined) warn(state, ${literal(`${target}: `)} + ${reader}.assumed);`,
      }
    }
  }
}

function emitRead(program: Program, scope: Scope, source: Exclude<Source, { kind: 'const' }>): Read {
  switch (source.kind) {
    case 'path':
    case 'variable':
    case 'key':
      return emitReference(program, scope, source)
    case 'template':
      return emitTemplate(program, scope, source.parts)
    case 'field': {
      const keys = source.segments.map((parts) => emitTemplate(program, scope, parts))
      const names = keys.map(() => program.name('k'))
      const before = keys.map((key, i) => `${key.before} const ${names[i]} = ${key.expression};`).join(' ')
      const both = `${names[0]}, ${names[1] ?? 'undefined'}`
      const root = source.under === undefined ? 'record' : program.record.read(source.under)
      const node = program.constant(nodeAt(program.record.node, source.under?.segments ?? []))
      return {
        before: `${before} ${storeFlags}`,
        expression: `computed(${root}, ${node}, flags, ${both})`,
        taken: `take(${program.constant(source.under?.segments ?? [])}, ${both});`,
        place: [...(source.under?.segments ?? []).map((key) => literal(String(key))), ...names].join(
          ' + "." + ',
        ),
      }
    }
    case 'all': {
      // Each value was emitted with the slot's own flags: what it took is consumed even if others are absent.
      const names = source.values.map((value) => {
        const kind = value.some(isOfEvery) ? 'texts' : 'text'
        return emitValue(program, scope, { target: '', type: { kind }, consumes: true }, value)
      })
      return { before: '', expression: `gather([${names.join(', ')}])`, taken: '' }
    }
  }
}

function emitReference(program: Program, scope: Scope, source: Reference): Read {
  if (source.kind === 'key') return { before: '', expression: scope.key ?? 'undefined', taken: '' }
  if (source.kind === 'variable') return { before: '', expression: program.variable(source.name), taken: '' }
  const from = source.path.base === 'record' ? program.record : scope
  return { before: '', expression: from.read(source.path), taken: from.consume(source.path) }
}

/** A text from parts, undefined when one that is not optional has no value. */
function emitTemplate(
  program: Program,
  scope: Scope,
  parts: readonly (Part | { readonly optional: readonly Part[] })[],
): Read {
  let before = ''
  let taken = ''
  const pieces: string[] = []
  const needed: string[] = []
  const add = (part: Part): string | { piece: string; needs: string } => {
    if (typeof part === 'string') return literal(part)
    const placeholder = emitPlaceholder(program, scope, part)
    before += placeholder.before
    taken += placeholder.taken
    return { piece: placeholder.expression, needs: `${placeholder.expression} !== undefined` }
  }
  for (const part of parts) {
    if (typeof part === 'object' && 'optional' in part) {
      const inner = part.optional.map(add)
      const conditions = inner.flatMap((one) => (typeof one === 'string' ? [] : [one.needs]))
      const text = inner.map((one) => (typeof one === 'string' ? one : one.piece)).join(' + ')
      pieces.push(conditions.length === 0 ? text : `(${conditions.join(' && ')} ? ${text} : "")`)
    } else {
      const one = add(part)
      if (typeof one === 'string') pieces.push(one)
      else {
        pieces.push(one.piece)
        needed.push(one.needs)
      }
    }
  }
  const text = pieces.length === 0 ? '""' : pieces.join(' + ')
  return {
    before,
    expression: needed.length === 0 ? `(${text})` : `(${needed.join(' && ')} ? ${text} : undefined)`,
    taken,
  }
}

function emitPlaceholder(program: Program, scope: Scope, alternatives: readonly Reference[]): Read {
  let before = ''
  let taken = ''
  const names: string[] = []
  for (const alternative of alternatives) {
    const read = emitReference(program, scope, alternative)
    const name = program.name('p')
    const earlier = names.map((other) => `${other} === undefined`).join(' && ')
    const value = `scalar(${read.expression})`
    before += `const ${name} = ${earlier === '' ? value : `${earlier} ? ${value} : undefined`}; `
    if (read.taken !== '') taken += `if (${name} !== undefined) { ${read.taken} } `
    names.push(name)
  }
  return { before, expression: names.length === 1 ? names[0]! : `(${names.join(' ?? ')})`, taken }
}

/** Whether a list is read, of every element of another. */
function isOfEvery({ source }: Candidate): boolean {
  return source.kind === 'path' && source.path.every !== undefined
}

/** Names of the variables that a value reads. */
export function variablesOf(value: Value): string[] {
  const names: string[] = []
  const visit = (source: Source | Part | { readonly optional: readonly Part[] }): void => {
    if (typeof source === 'string') return
    if ('optional' in source) source.optional.forEach(visit)
    else if ('kind' in source) {
      if (source.kind === 'variable') names.push(source.name)
      else if (source.kind === 'template') source.parts.forEach(visit)
      else if (source.kind === 'field') source.segments.flat().forEach(visit)
      else if (source.kind === 'all') names.push(...source.values.flatMap(variablesOf))
    } else source.forEach(visit)
  }
  for (const { source } of value) visit(source)
  return [...names, ...value.flatMap(variablesAsked)]
}

/** Names of the variables that `if` and `unless` look at. */
export function variablesAsked({
  if: present = [],
  unless: absent = [],
}: Pick<Candidate, 'if' | 'unless'>): string[] {
  return [...present, ...absent].flatMap((reference) => (reference.kind === 'variable' ? reference.name : []))
}
