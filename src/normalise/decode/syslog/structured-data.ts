/**
 * `[id name="value" …][id …]`: an object of the elements, each an object of its parameters. A parameter that comes again
 * is a list. https://www.rfc-editor.org/rfc/rfc5424#section-6.3
 */
import { mostWeight } from '../../../event/record-weight.ts'
import { setMember } from '../../set-member.ts'

type Element = Record<string, unknown>

export interface StructuredData {
  readonly elements: Readonly<Record<string, Element>>
  /** Where it ends. */
  readonly end: number
}

// The grammar's names, which may be longer here, and hold more than ASCII.
const elementId = /\[([^\s=\]"]+)/y
const parameterName = / +([^\s=\]"]+)="/y

/** Undefined where what begins at `from` is none, or more than anybody reads. */
export function readStructuredData(text: string, from: number): StructuredData | undefined {
  const elements: Record<string, Element> = {}
  let at = from
  let count = 0
  while (text[at] === '[') {
    if (++count > mostWeight) return undefined
    const id = matchAt(elementId, text, at)
    if (id === undefined) return undefined
    at += id[0].length
    const element: Element = Object.hasOwn(elements, id[1]!) ? elements[id[1]!]! : {}
    setMember(elements, id[1]!, element)
    for (let found = matchAt(parameterName, text, at); found; found = matchAt(parameterName, text, at)) {
      if (++count > mostWeight) return undefined
      const from = at + found[0].length
      const to = closingQuote(text, from)
      if (to < 0) return undefined
      add(element, found[1]!, unescaped(text.slice(from, to)))
      at = to + 1
    }
    while (text[at] === ' ') at++
    if (text[at] !== ']') return undefined
    at++
  }
  return at === from ? undefined : { elements, end: at }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function add(element: Element, name: string, value: string): void {
  const before = Object.hasOwn(element, name) ? element[name] : undefined
  if (before === undefined) setMember(element, name, value)
  else if (Array.isArray(before)) before.push(value)
  else setMember(element, name, [before, value])
}

/** The quote that no backslash precedes, or -1. A bracket ought to be escaped as well; who forgot it is understood. */
function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at
    if (text[at] === '\\') at++
  }
  return -1
}

/** A backslash before anything else than these stands for itself. */
const unescaped = (text: string) =>
  text.includes('\\') ? text.replaceAll(/\\(["\\\]])/g, (_, character: string) => character) : text
