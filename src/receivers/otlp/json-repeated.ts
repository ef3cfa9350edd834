/**
 * A request in which `resourceLogs`, `scopeLogs` or `logRecords` stands twice in one object: JSON.parse keeps the last, and the
 * records of the first would be answered for without having been read.
 */
import { AffiantError } from '../../errors.ts'
import { isObject, type JsonObject } from './json-fields.ts'

const lists: ReadonlySet<string> = new Set(['resourceLogs', 'scopeLogs', 'logRecords'])

/** `text` is what `request` was parsed from. Throws `bad_request`. */
export function refuseRepeatedLists(text: string, request: JsonObject): void {
  // Nearly always each is there as often as it was read; else one may be a text or a key of the sender's, too.
  if (writtenIn(text) === readFrom(request)) return
  const name = repeatedIn(text)
  if (name === undefined) return
  throw new AffiantError('bad_request', `invalid OTLP JSON: ${name} stands twice in one object`, {
    hint: 'put the elements of both into one list',
  })
}

function writtenIn(text: string): number {
  let count = 0
  for (const name of lists) {
    const token = `"${name}"`
    for (let at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + token.length)) count++
  }
  return count
}

function readFrom(request: JsonObject): number {
  let count = 'resourceLogs' in request ? 1 : 0
  for (const group of elementsOf(request.resourceLogs)) {
    if ('scopeLogs' in group) count++
    for (const scope of elementsOf(group.scopeLogs)) if ('logRecords' in scope) count++
  }
  return count
}

const elementsOf = (list: unknown): readonly JsonObject[] =>
  Array.isArray(list) ? list.filter(isObject) : []

/** The text is JSON. */
function repeatedIn(text: string): string | undefined {
  /** Names of the objects around, by depth; undefined for a list. */
  const around: (Set<string> | undefined)[] = []
  let isName = false
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        around.push(new Set())
        isName = true
        break
      case '[':
        around.push(undefined)
        isName = false
        break
      case '}':
      case ']':
        around.pop()
        isName = false
        break
      case ',':
        isName = around.at(-1) !== undefined
        break
      case '"': {
        const end = closingQuote(text, at)
        const name = text.slice(at + 1, end)
        if (isName && lists.has(name)) {
          const names = around.at(-1)!
          if (names.has(name)) return name
          names.add(name)
        }
        isName = false
        at = end
        break
      }
      default:
    }
  }
  return undefined
}

function closingQuote(text: string, open: number): number {
  let at = open + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
