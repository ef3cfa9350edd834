/**
 * Names that stand twice in one object of a request: JSON.parse keeps the last, and says nothing. Of `resourceLogs`, `scopeLogs` or
 * `logRecords` the records of the first would be answered for without having been read; of any other name it is said in the
 * records that it concerns.
 */
import { AffiantError } from '../../errors.ts'
import { afterSpace, stringEnd } from '../server/json-slices.ts'
import { shown } from './warnings.ts'

type Path = readonly (string | number)[]

export interface RepeatedNames {
  /** Whether there are any: nearly always, there are none. */
  readonly any: boolean
  /** Of what stands at a place (`resourceLogs[0].scopeLogs[1]`), but for the lists in it. */
  at(place: string): readonly string[]
}

/** Of one place; more need not be told. */
const mostNames = 20
const mostPlaces = 10_000
/** Nothing that is read lies deeper. */
const deepest = 500

const none: readonly string[] = []

/** `text` is the JSON that `request` was parsed from. Throws `bad_request` where a list stands twice. */
export function repeatedInRequest(text: string, request: unknown): RepeatedNames {
  if (writtenIn(text) === readFrom(request)) return { any: false, at: () => none }
  const places = new Map<string, string[]>()
  findRepeated(text, (path) => {
    const { place, rest } = placeOf(path)
    if (isList(path)) {
      throw new AffiantError('bad_request', `invalid OTLP JSON: ${path.at(-1)} stands twice in one object`, {
        hint: 'put the elements of both into one list',
      })
    }
    addTo(places, place, rest)
  })
  return { any: places.size > 0, at: (place) => places.get(place) ?? none }
}

/** The same of one record: of its members, and of what is in them. */
export function repeatedInRecord(text: string, record: unknown): readonly string[] {
  if (writtenIn(text) === readFrom(record)) return none
  const places = new Map<string, string[]>()
  findRepeated(text, (path) => addTo(places, '', path))
  return places.get('') ?? none
}

function addTo(places: Map<string, string[]>, place: string, rest: Path): void {
  const names = places.get(place) ?? []
  if (names.length === mostNames) return
  names.push(
    shown(
      rest
        .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
        .join('')
        .slice(1),
    ),
  )
  places.set(place, names)
  if (places.size > mostPlaces)
    throw new AffiantError(
      'bad_request',
      `invalid OTLP JSON: in more than ${mostPlaces} places names stand twice`,
    )
}

const levels = ['resourceLogs', 'scopeLogs', 'logRecords']

/** What is described at the path, and where in it the path goes on. */
function placeOf(path: Path): { readonly place: string; readonly rest: Path } {
  let place = ''
  let at = 0
  for (const level of levels) {
    if (path[at] !== level || typeof path[at + 1] !== 'number') break
    place += `${place === '' ? '' : '.'}${level}[${path[at + 1]}]`
    at += 2
  }
  return { place, rest: path.slice(at) }
}

function isList(path: Path): boolean {
  const { rest } = placeOf(path)
  return rest.length === 1 && rest[0] === levels[(path.length - 1) / 2]
}

/** Members of all objects in a JSON text: nothing but names has a colon behind its quotes. */
function writtenIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    at = afterSpace(text, stringEnd(text, at) + 1)
    if (text.charCodeAt(at) === colon) count++
  }
  return count
}

/** The same of what it was parsed to. */
function readFrom(value: unknown): number {
  let count = 0
  /** What lies too deep for the stack. */
  const deeper: object[] = []
  const into = (inner: unknown, depth: number): void => {
    if (typeof inner !== 'object' || inner === null) return
    if (depth > deepest) deeper.push(inner)
    else if (Array.isArray(inner)) for (const item of inner) into(item, depth + 1)
    else {
      const object = inner as Readonly<Record<string, unknown>>
      for (const name in object) {
        count++
        into(object[name], depth + 1)
      }
    }
  }
  into(value, 0)
  for (let next = deeper.pop(); next !== undefined; next = deeper.pop()) into(next, 0)
  return count
}

const colon = 0x3a

interface Frame {
  /** Of an object. */
  readonly names: Set<string> | undefined
  step: string | number
}

/** Calls `found` with the path of each member whose name was there before. The text is JSON. */
function findRepeated(text: string, found: (path: Path) => void): void {
  const frames: Frame[] = []
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const frame = depth <= deepest ? frames.at(-1) : undefined
    switch (text[at]) {
      case '{':
      case '[':
        if (++depth <= deepest)
          frames.push(text[at] === '{' ? { names: new Set(), step: '' } : { names: undefined, step: 0 })
        break
      case '}':
      case ']':
        if (depth-- <= deepest) frames.pop()
        break
      case ',':
        if (typeof frame?.step === 'number') frame.step++
        break
      case '"': {
        const end = stringEnd(text, at)
        const next = afterSpace(text, end + 1)
        if (text.charCodeAt(next) === colon && frame?.names) {
          const name: string = JSON.parse(text.slice(at, end + 1))
          frame.step = name
          if (frame.names.has(name)) found(frames.map(({ step }) => step))
          frame.names.add(name)
        }
        at = end
        break
      }
      default:
    }
  }
}
