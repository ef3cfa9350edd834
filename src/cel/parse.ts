/** Source text to syntax tree: @bufbuild/cel's parser, behind limits, with errors that people can act on. */
import { createRequire } from 'node:module'
import { CelError } from './error.ts'

type Parser = typeof import('@bufbuild/cel').parse
export type Expr = ReturnType<Parser>['expr']
export type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value']
export type Comprehension = Extract<Expr['exprKind'], { case: 'comprehensionExpr' }>['value']
export type Constant = Extract<Expr['exprKind'], { case: 'constExpr' }>['value']

export interface Parsed {
  readonly root: Expr
  /** Where in the source an expression begins, as far as the parser knows. */
  readonly offset: (expr: Expr) => number
}

/** UTF-16 units. */
const maxLength = 4096
/** Brackets within brackets; also keeps the recursive parser off the end of the stack. */
const maxNesting = 48

/**
 * The package takes about 100 ms to load, and most configurations have no condition: it is loaded with the first
 * expression, and synchronously, since expressions are compiled in the middle of synchronous code.
 */
let parser: Parser | undefined
function loadParser(): Parser {
  const { parse }: typeof import('@bufbuild/cel') = createRequire(import.meta.url)('@bufbuild/cel')
  return parse
}

/** @throws CelError */
export function parse(source: string): Parsed {
  if (source.length > maxLength) {
    throw new CelError(
      `the expression has ${source.length} characters, more than the limit of ${maxLength}`,
      source,
      maxLength,
      'split it over several routes, or test one list: action in ["a", "b"]',
    )
  }
  if (source.trim() === '') throw new CelError('the expression is empty', source, 0)
  checkNesting(source)
  parser ??= loadParser()
  try {
    const { expr, sourceInfo } = parser(source)
    return { root: expr, offset: ({ id }) => visible(source, sourceInfo?.positions[String(id)] ?? 0) }
  } catch (error) {
    throw syntaxError(source, error)
  }
}

/** The parser counts an operator from the space before it and a member from its dot; people look at the word. */
function visible(source: string, offset: number): number {
  let at = offset
  while (/[\s.]/.test(source[at] ?? '')) at++
  return at < source.length ? at : offset
}

/** Brackets outside strings and comments. */
function checkNesting(source: string): void {
  const token = /r?("""|'''|"|')|\/\/[^\n]*|[([{]|[)\]}]/gi
  let depth = 0
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const quote = match[1]
    if (quote !== undefined) {
      const raw = match[0].length > quote.length
      const end = endOfString(source, token.lastIndex, quote, raw)
      if (end === -1) throw new CelError(`the string is not closed: ${quote} is missing`, source, match.index)
      token.lastIndex = end
    } else if ('([{'.includes(match[0])) {
      if (++depth > maxNesting) {
        throw new CelError(`brackets are nested more than ${maxNesting} deep`, source, match.index)
      }
    } else if (')]}'.includes(match[0])) depth--
  }
}

function endOfString(source: string, from: number, quote: string, raw: boolean): number {
  for (let at = from; at < source.length; at++) {
    if (!raw && source[at] === '\\') at++
    else if (source.startsWith(quote, at)) return at + quote.length
    else if (quote.length === 1 && source[at] === '\n') return -1
  }
  return -1
}

const words: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!', eq: '==', ne: '!=' }

function syntaxError(source: string, error: unknown): CelError {
  const offset = locate(error)
  if (offset === undefined) {
    return new CelError(error instanceof Error ? error.message : String(error), source, 0)
  }
  const rest = source.slice(offset)
  if (rest.trim() === '') return new CelError('the expression ends too early', source, offset)
  const word = /^[A-Za-z_]\w*/.exec(rest)?.[0]
  if (word !== undefined && Object.hasOwn(words, word.toLowerCase())) {
    return new CelError(`\`${word}\` is no operator`, source, offset, `write ${words[word.toLowerCase()]}`)
  }
  if (/^=(?![=])/.test(rest)) {
    return new CelError('`=` is no operator', source, offset, 'write == to compare')
  }
  const found = word ?? (/^(?:[&|=!<>]+|.)/su.exec(rest)?.[0] || rest[0])
  const hint =
    offset === 0
      ? 'see docs/routing.md for the language'
      : `the part before it is complete: is an operator missing, or ${/^[.([{?]/.test(rest) ? 'what follows it not closed or empty' : 'a quote or bracket'}?`
  return new CelError(`the syntax is wrong at \`${found}\``, source, offset, hint)
}

function locate(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('location' in error)) return undefined
  const { location } = error
  if (typeof location !== 'object' || location === null || !('start' in location)) return undefined
  const { start } = location
  if (typeof start !== 'object' || start === null || !('offset' in start)) return undefined
  return typeof start.offset === 'number' ? start.offset : undefined
}
