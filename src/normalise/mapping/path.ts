/**
 * Paths into a record, as mappings write them: `user.id`, `items[0].name`, `annotations."a.b/c"`, `items[type=User].id`;
 * `$.user.id` begins at the record inside `each`, `.` is the element itself. `roles[*].name` is a list: of what every element has.
 */

import { appendSegment, type Segment } from '../../event/path.ts'

export type { Segment }

/** `[type=User]`: the first element of an array whose member equals a text. */
export interface Filter {
  readonly key: string
  readonly equals: string
}

/** One step of a path: a key, an index, or the element that a filter finds. */
export type Step = Segment | Filter

export interface Path {
  /** As written. */
  readonly text: string
  /** Where it begins: the record, or the element that `each` is at. */
  readonly base: 'record' | 'element'
  readonly segments: readonly Step[]
  /** What lies behind `[*]`: in every element of the array that `segments` lead to. */
  readonly every?: readonly Step[]
}

/** A path that names one place, whatever the record holds. */
export interface FixedPath extends Path {
  readonly segments: readonly Segment[]
}

/** A path, or what is wrong with the text. */
export type ParsedPath = { readonly path: Path } | { readonly problem: string }

const plainKey = /[^.[\]"{}\s]+/y
const index = /\[(\d{1,6})\]/y
const quoted = /"((?:[^"\\]|\\["\\])*)"/y
const star = /\[\*\]/y
const filterStart = /\[(?=[^\d\]])/y
const filterKey = /[^.[\]"{}\s=]+/y
const filterValue = /[^\]"]+/y

/**
 * `base` is where paths begin that do not say so: `element` within `each`. Paths from the record begin at `under`. `[*]` may
 * stand in them where `lists` are taken.
 */
export function parsePath(
  text: string,
  base: Path['base'] = 'record',
  under: readonly Segment[] = [],
  lists = false,
): ParsedPath {
  if (text === '.' && base === 'element') return { path: { text, base, segments: [] } }
  const rooted = text.startsWith('$.')
  const segments: Step[] = []
  /** What stands behind `[*]`. */
  let every: Step[] | undefined
  let at = rooted ? 2 : 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) return undefined
    at += match[0].length
    return match[1] ?? match[0]
  }
  const takeQuoted = () => take(quoted)?.replace(/\\(["\\])/g, '$1')
  /** `[key=value]`; undefined when it is none. */
  const takeFilter = (): Filter | undefined => {
    const key = takeQuoted() ?? take(filterKey)
    if (key === undefined || text[at++] !== '=') return undefined
    const equals = takeQuoted() ?? take(filterValue)
    return equals === undefined || equals === '' || text[at++] !== ']' ? undefined : { key, equals }
  }
  while (at < text.length || segments.length === 0) {
    const steps = every ?? segments
    const item = take(index)
    if (item !== undefined) {
      steps.push(Number(item))
    } else if (segments.length > 0 && take(star) !== undefined) {
      if (!lists) return { problem: `${where(text, at - 3)}: [*] gives a list, and none is taken here` }
      if (every !== undefined) return { problem: `${where(text, at - 3)}: there is one [*] in a path` }
      every = []
    } else if (segments.length > 0 && take(filterStart) !== undefined) {
      const from = at
      const filter = takeFilter()
      if (filter === undefined) return { problem: `${where(text, from)}: a filter is [key=value]` }
      steps.push(filter)
    } else {
      if (segments.length > 0) {
        if (text[at] !== '.') return { problem: `${where(text, at)}: a dot or [index] belongs here` }
        at++
      }
      const key = takeQuoted() ?? take(plainKey)
      if (key === undefined) return { problem: `${where(text, at)}: a key belongs here, as in user.id` }
      steps.push(key)
    }
  }
  if (every?.length === 0)
    return { problem: `${where(text, at)}: a key belongs behind [*], as in roles[*].name` }
  const behind = every === undefined ? {} : { every }
  if (!rooted && base === 'element') return { path: { text, base, segments, ...behind } }
  const whole = [...under, ...segments]
  const whereFrom =
    under.length === 0 ? text : `${formatPath(whole)}${every === undefined ? '' : `[*].${formatPath(every)}`}`
  return { path: { text: whereFrom, base: 'record', segments: whole, ...behind } }
}

/** A path from its segments, as it would be written. */
export function formatPath(segments: readonly Step[]): string {
  let text = ''
  for (const segment of segments) {
    text = typeof segment === 'object' ? text + formatFilter(segment) : appendSegment(text, segment)
  }
  return text
}

function formatFilter({ key, equals }: Filter): string {
  const plain = /^[^.[\]"{}\s=]+$/.test(key)
  return `[${plain ? key : JSON.stringify(key)}=${/^[^\]"]+$/.test(equals) ? equals : JSON.stringify(equals)}]`
}

/** Whether they are those of a fixed path. */
export function isFixed(segments: readonly Step[]): segments is readonly Segment[] {
  return segments.every((segment) => typeof segment !== 'object')
}

function where(text: string, at: number): string {
  return text === '' ? 'an empty path' : `${JSON.stringify(text)}, character ${at + 1}`
}
