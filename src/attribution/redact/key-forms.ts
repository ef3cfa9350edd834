/**
 * Fields as texts have them: `password=hunter2`, `password: "hunter2"`, `"password":"hunter2"`, also escaped as JSON in
 * JSON is; parameters of URLs (`?password=hunter2`), with names that are escaped (`?user%5Bpassword%5D=hunter2`), as elements of lists (`?password[]=hunter2`), and
 * within others (`?next=%2F%3Fpassword%3Dhunter2`); literals of SQL (`PASSWORD 'hunter2'`); options of commands
 * (`--password hunter2`). What ends a value: field-value.ts.
 */
import { hasEscapes, type Unescaped, unescaped } from './escapes.ts'
import { valueAt } from './field-value.ts'
import type { Find, Spans } from './patterns.ts'

/** Escapes within escapes that are looked into: an address that an address leads to, and once more. */
const maxLayers = 3

/**
 * What `token:revoke` is: in a message, a field; elsewhere an identifier, as are actions, ARNs and URNs, of which
 * nothing must be lost. A field it is there, too, behind which a space or a quote stands, or that has a quoted name.
 * `part`: of a text something is to be cut out of, where the end of a longer name may be a whole one. `parameter`:
 * nothing is a field but a pair with `=` and a member of JSON.
 */
export type Bare = 'field' | 'identifier' | 'part' | 'parameter'

/** Finds the values of fields with these names, in any case. `mayHave` says, at little cost, where that is in vain. */
export function findFields(
  names: readonly string[],
  bare: Bare,
  mayHave: (text: string) => boolean = fieldCheck(names, bare),
): Find {
  const alternatives = anyOf(names)
  const field = new RegExp(
    `${bare === 'part' ? '' : nameBegins}(?:${alternatives})(?:${
      bare === 'parameter' ? parameterSign : `${sign}|(?<=--(?:${alternatives}))${optionValue}`
    })`,
    'gi',
  )
  return (text) => (mayHave(text) ? findIn(text, field, bare) : none)
}

/** Whether a text may have fields with these names. What it said last is remembered: it is asked rule by rule. */
export function fieldCheck(names: readonly string[], bare?: Bare): (text: string) => boolean {
  const someSign = bare === 'parameter' ? /[=%\\"]/ : /[=:%'$\\]|--/
  const anyName = new RegExp(anyOf(names), 'i')
  let last: string | undefined
  let answer = false
  return (text) => {
    if (text !== last) {
      answer = mayHave(text)
      last = text
    }
    return answer
  }

  function mayHave(text: string): boolean {
    // What no field is without.
    if (!someSign.test(text)) return false
    if (anyName.test(text)) return true
    let plain = text
    for (let layer = 0; layer < maxLayers && hasEscapes(plain); layer++) {
      plain = unescaped(plain).text
      if (anyName.test(plain)) return true
    }
    return false
  }
}

/** Whether a text of one word ends with a name, so that what is put behind it may be its value. */
export function nameAtEnd(names: readonly string[]): (text: string) => boolean {
  const atEnd = new RegExp(`(?:${anyOf(names)})(?:\\[\\w{0,16}\\]){0,2}["'\\]\\s]{0,8}$`, 'i')
  const shortest = Math.min(...names.map(({ length }) => length))
  const longest = Math.max(...names.map(({ length }) => length)) + 2 * 18 + 8
  // What nearly every text fails: the last letters.
  const some = Math.min(shortest, 3)
  const endings = new Set(names.map((name) => name.slice(-some).toLowerCase()))
  return (text) => {
    if (text.length < shortest) return false
    const isLetter = /[^"'\]\s]/.test(text.at(-1)!)
    if (isLetter && !endings.has(text.slice(-some).toLowerCase())) return false
    return atEnd.test(text.slice(-longest)) && !/\S\s+\S/.test(text)
  }
}

const anyOf = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')

const none: Spans = []

/** No part of a longer name; but behind the dashes of an option. */
const nameBegins = '(?<![A-Za-z0-9_]-{0,2})'
/** Behind a name: its quotes, the bracket of `user[password]`, those of `password[]`, and the sign that a value follows. */
const sign =
  "(?<quote>\\\\{0,8}[\"']{1,2})?\\]?(?:\\[\\w{0,64}\\]){0,4}(?:\\s{0,8}(?:=>|:=|[:=])\\s{0,8}|\\s{1,8}(?=(?:[EN]|U&)?'|\\$\\w{0,63}\\$))"
const parameterSign =
  '(?:(?<quote>\\\\{0,8}["\']{1,2})?\\]?(?:\\[\\w{0,64}\\]){0,4}\\s{0,8}=|(?<jsonQuote>\\\\{0,8}"{1,2})\\s{0,8}:)\\s{0,8}'
const optionValue = '\\s{1,8}(?![-\\s=:|&;<>])'
/** A name and a colon, without anything between them or behind. */
const bareField = /[^"'\]\s]:$/
/** A text that is nothing else. */
const identifier = /^[\w.:/*@+~-]{1,1024}$/
/** Before the name of a parameter. */
const parameterBegins = /[?&#](?:[\w.-]{1,64}(?:\[\w{0,64}\]){0,4}\[)?$/
const longestBeginning = 200

function findIn(source: string, field: RegExp, bare: Bare): Spans {
  const layers: Unescaped[] = []
  let spans: Spans = plainly(source, field, bare)
  let text = source
  while (layers.length < maxLayers && hasEscapes(text)) {
    const layer = unescaped(text)
    layers.push(layer)
    text = layer.text
    spans = united(spans, hidden(source, layers, field, bare))
  }
  return spans
}

function plainly(text: string, field: RegExp, bare: Bare): [number, number][] {
  const spans: [number, number][] = []
  for (const { end, form } of fieldsIn(text, field, bare)) {
    const value = valueAt(text, end, form)
    if (value[1] > value[0]) spans.push(value)
    field.lastIndex = Math.max(value[1], end)
  }
  return spans
}

/** In the last layer, with places in the source. */
function hidden(source: string, layers: readonly Unescaped[], field: RegExp, bare: Bare): [number, number][] {
  const textOf = (layer: number) => (layer < 0 ? source : layers[layer]!.text)
  const spans: [number, number][] = []
  const last = layers.length - 1
  const { text } = layers[last]!
  let covered = 0
  for (const { end, form } of fieldsIn(text, field, bare)) {
    // Nothing is looked at twice, whatever the text.
    if (inSource(end, layers, last) < covered) continue
    // Where only the name was escaped and its sign was not, nor is what ends the value.
    let at = end
    let signAt = end - 1
    let layer = last
    while (layer >= 0) {
      const { begins } = layers[layer]!
      if (begins[signAt + 1]! - begins[signAt]! !== 1) break
      const isEscaped = begins[at + 1]! - begins[at]! > 1
      if (isEscaped && (form.nameQuote !== '' || textOf(layer - 1)[begins[at]!] === '\\')) break
      at = begins[at]!
      signAt = begins[signAt]!
      layer--
    }
    const [start, stop] = valueAt(textOf(layer), at, form)
    if (layer === last) field.lastIndex = Math.max(stop, end)
    if (stop <= start) continue
    covered = inSource(stop, layers, layer)
    spans.push([inSource(start, layers, layer), covered])
  }
  return spans
}

function inSource(index: number, layers: readonly Unescaped[], from: number): number {
  let at = index
  for (let layer = from; layer >= 0; layer--) at = layers[layer]!.begins[at]!
  return at
}

function* fieldsIn(text: string, field: RegExp, bare: Bare) {
  const isIdentifier = bare === 'identifier' && identifier.test(text)
  field.lastIndex = 0
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    const { index, 0: written, groups } = match
    const end = index + written.length
    if (bare === 'identifier' && bareField.test(written) && !/["'\\{[]/.test(text[end] ?? '')) {
      if (isIdentifier || /[:/]/.test(text[index - 1] ?? '')) {
        field.lastIndex = end
        continue
      }
    }
    const before = text.slice(Math.max(0, index - longestBeginning), index)
    const isParameter = written.endsWith('=') && parameterBegins.test(before)
    field.lastIndex = end
    yield { end, form: { nameQuote: groups?.quote ?? groups?.jsonQuote ?? '', isParameter } }
  }
}

/** In order, and those that overlap as one. */
function united(some: Spans, others: Spans): Spans {
  if (others.length === 0) return some
  const spans: [number, number][] = []
  for (const [start, end] of [...some, ...others].toSorted(([a], [b]) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
    else spans.push([start, end])
  }
  return spans
}
