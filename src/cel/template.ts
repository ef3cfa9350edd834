/**
 * Text with expressions in braces: `{scope("organization").id}/{date}`. `{{` and `}}` are braces. What only reads members
 * (`{actor.id}`) is read without the parser: most templates have nothing else, and the parser takes time to load.
 */
import { compileExpression } from './compile.ts'
import type { Fields } from './contract.ts'
import { CelError } from './error.ts'
import { nearest } from './nearest.ts'
import type { Scope } from './node.ts'
import { isJsonObject } from './value.ts'

export interface Template {
  /** The text for these variables; undefined where an expression has no value and `absent` was not given. */
  (scope: Scope): string | undefined
  readonly source: string
  /** There is no expression in it. */
  readonly constant: boolean
}

type Part = string | ((scope: Scope) => unknown)

export interface TemplateOptions {
  /** What an expression without a value becomes. */
  readonly absent?: string
  /** What becomes of each value before it is put in. */
  readonly encode?: (text: string) => string
}

/** @throws CelError, with its place in the whole template */
export function compileTemplate(
  source: string,
  variables: Readonly<Record<string, Fields>>,
  { absent, encode = (text) => text }: TemplateOptions = {},
): Template {
  const parts = split(source).map((piece): Part => {
    if (piece.kind === 'text') return piece.text
    const read = compilePart(source, piece, variables)
    return (scope) => {
      const text = textOf(read(scope))
      return text === undefined ? absent : encode(text)
    }
  })
  const only = parts.length === 1 ? parts[0]! : undefined
  const constant = parts.every((part) => typeof part === 'string')
  const text = constant ? parts.join('') : ''
  const render = (scope: Scope): string | undefined => {
    if (constant) return text
    if (typeof only === 'function') return only(scope) as string | undefined
    let whole = ''
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : part(scope)
      if (piece === undefined) return undefined
      whole += piece as string
    }
    return whole
  }
  return Object.assign(render, { source, constant })
}

/** Numbers as people write them; what has no text of its own has no value here. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return undefined
  }
}

interface Piece {
  readonly kind: 'text' | 'expression'
  readonly text: string
  /** Where it begins in the template. */
  readonly at: number
}

function split(source: string): Piece[] {
  const pieces: Piece[] = []
  let text = ''
  let at = 0
  const flush = () => {
    if (text !== '') pieces.push({ kind: 'text', text, at })
    text = ''
  }
  while (at < source.length) {
    const two = source.slice(at, at + 2)
    if (two === '{{' || two === '}}') {
      text += two[0]
      at += 2
    } else if (source[at] === '{') {
      flush()
      const end = endOf(source, at)
      pieces.push({ kind: 'expression', text: source.slice(at + 1, end), at: at + 1 })
      at = end + 1
    } else if (source[at] === '}') {
      throw new CelError('a brace closes that was never opened', source, at, 'write }} for a brace')
    } else {
      text += source[at]
      at++
    }
  }
  flush()
  return pieces
}

/** Where the expression that begins behind `open` ends: braces of its own and texts are passed over. */
function endOf(source: string, open: number): number {
  let depth = 0
  for (let at = open; at < source.length; at++) {
    const character = source[at]!
    if (character === '"' || character === "'") {
      at = endOfText(source, at)
    } else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return at
  }
  throw new CelError('a brace is not closed', source, open, 'write {{ for a brace')
}

function endOfText(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === source[start]) return at
  }
  return source.length
}

function compilePart(
  template: string,
  { text, at }: Piece,
  variables: Readonly<Record<string, Fields>>,
): (scope: Scope) => unknown {
  if (text.trim() === '') throw new CelError('the braces are empty', template, at, 'write {{ for a brace')
  const path = text.trim()
  if (/^[a-z_]\w*(?:\.[a-z_]\w*)*$/i.test(path)) return compilePath(template, path.split('.'), at, variables)
  try {
    const { evaluate } = compileExpression(text, variables)
    return evaluate
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    const lines = text.split('\n')
    const before = lines.slice(0, error.line - 1).reduce((sum, line) => sum + line.length + 1, 0)
    throw new CelError(error.message, template, at + before + error.column - 1, error.hint)
  }
}

function compilePath(
  template: string,
  path: readonly string[],
  at: number,
  variables: Readonly<Record<string, Fields>>,
): (scope: Scope) => unknown {
  let fields: Fields = variables
  for (const [index, member] of path.entries()) {
    if (fields === true) break
    const below: Fields | undefined = Object.hasOwn(fields, member) ? fields[member] : undefined
    if (below === undefined) {
      const close = nearest(member, Object.keys(fields))
      const hint = close === undefined ? `known: ${Object.keys(fields).join(', ')}` : `did you mean ${close}?`
      const whole = path.slice(0, index + 1).join('.')
      throw new CelError(`there is no \`${whole}\``, template, at, hint)
    }
    fields = below
  }
  const [first, ...rest] = path
  return (scope) => {
    let value = Object.hasOwn(scope, first!) ? scope[first!] : undefined
    for (const member of rest) {
      if (!isJsonObject(value) || !Object.hasOwn(value, member)) return undefined
      value = value[member]
    }
    return value
  }
}
