/** Generates the code for one value: its candidates in order, each read, held against the target, and consumed. */

import type { Candidate, Reference, Source, Value } from '../mapping/mapping.ts'
import { compileTable } from '../mapping/table.ts'
import { membersBesides } from './emit-address.ts'
import { canMisfit, emitFit, misfitOf, tableFor } from './emit-fit.ts'
import { emitReference, emitTemplate } from './emit-template.ts'
import type { Program } from './program.ts'
import { nodeAt } from './rest-node.ts'
import { literal, type Scope, storeFlags } from './scope.ts'
import type { Read, Slot } from './slot.ts'
import { createTransform } from './transform.ts'
import { variablesOf } from './variables-of.ts'

/** Emits code that leaves the value, or undefined, in a variable; returns the variable's name. */
export function emitValue(program: Program, scope: Scope, slot: Slot, value: Value): string {
  for (const name of variablesOf(value)) program.variable(name)
  if (slot.type.kind === 'address') for (const target of membersBesides(program)) program.variable(target)
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
  if (misfit !== undefined) emitWarning(program, slot, value, result, misfit)
  return result
}

/** Where an address may stand, so may a name: what another member has taken is not told of. */
function emitWarning(program: Program, slot: Slot, value: Value, result: string, misfit: string): void {
  const isMisfit = `${result} === undefined && ${misfit} !== undefined`
  if (slot.type.kind !== 'address') {
    program.emit(`if (${isMisfit}) warn(state, ${misfit});`)
    return
  }
  const taken = value.flatMap((candidate) =>
    candidate.source.kind === 'path' && canMisfit(slot, candidate)
      ? `(${misfit} === ${literal(misfitOf(slot, candidate))} && ${program.record.isConsumed(candidate.source.path)})`
      : [],
  )
  program.emitLast(`if (${isMisfit} && !(${taken.join(' || ')})) warn(state, ${misfit});`)
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
  const place = read.place ?? literal(candidate.text)
  const explained = program.explain(slot, place, result)
  const given = canMisfit(slot, candidate) ? program.name('g') : undefined
  const fitted = emitFit(program, slot, candidate, given ?? value, place)
  if (taken !== '' && fitted.whole !== undefined) taken = `if (${fitted.whole}) { ${taken} }`
  const otherwise =
    given === undefined
      ? ''
      : `else if (present(${given}) !== undefined) ${misfit} = ${literal(misfitOf(slot, candidate))};`
  return `${read.before} ${given === undefined ? '' : `const ${given} = ${value};`} const ${found} = ${fitted.expression}; if (${found} !== undefined) { ${result} = ${found}; ${fitted.taken} ${taken} ${explained} } ${otherwise}`
}

/** Whether anything but a table changes the value. */
export function isTransformed({ trim, match, split, case: letters }: Candidate): boolean {
  return trim !== undefined || match !== undefined || split !== undefined || letters !== undefined
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

/** Whether a list is read, of every element of another. */
function isOfEvery({ source }: Candidate): boolean {
  return source.kind === 'path' && source.path.every !== undefined
}
