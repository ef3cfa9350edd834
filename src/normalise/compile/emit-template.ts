/** Generates the code for references and for the templates that they stand in. */
import type { Part, Reference } from '../mapping/mapping.ts'
import type { Program } from './program.ts'
import { literal, type Scope } from './scope.ts'
import type { Read } from './slot.ts'

export function emitReference(program: Program, scope: Scope, source: Reference): Read {
  if (source.kind === 'key') return { before: '', expression: scope.key ?? 'undefined', taken: '' }
  if (source.kind === 'variable') return { before: '', expression: program.variable(source.name), taken: '' }
  const from = source.path.base === 'record' ? program.record : scope
  return { before: '', expression: from.read(source.path), taken: from.consume(source.path) }
}

/** A text from parts, undefined when one that is not optional has no value. */
export function emitTemplate(
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
