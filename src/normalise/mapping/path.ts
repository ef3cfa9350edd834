/**
 * Paths into a record, as mappings write them: `user.id`, `items[0].name`, `annotations."a.b/c"`; `$.user.id` begins
 * at the record inside `each`, `.` is the element itself.
 */

export type Segment = string | number

export interface Path {
  /** As written. */
  readonly text: string
  /** Where it begins: the record, or the element that `each` is at. */
  readonly base: 'record' | 'element'
  readonly segments: readonly Segment[]
}

/** A path, or what is wrong with the text. */
export type ParsedPath = { readonly path: Path } | { readonly problem: string }

const plainKey = /[^.[\]"{}\s]+/y
const index = /\[(\d{1,6})\]/y
const quoted = /"((?:[^"\\]|\\["\\])*)"/y

/**
 * `base` is where paths begin that do not say so: `element` within `each`. Paths from the record begin at `under`.
 */
export function parsePath(
  text: string,
  base: Path['base'] = 'record',
  under: readonly Segment[] = [],
): ParsedPath {
  if (text === '.' && base === 'element') return { path: { text, base, segments: [] } }
  const rooted = text.startsWith('$.')
  const segments: Segment[] = []
  let at = rooted ? 2 : 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) return undefined
    at += match[0].length
    return match[1] ?? match[0]
  }
  while (at < text.length || segments.length === 0) {
    const item = take(index)
    if (item !== undefined) {
      segments.push(Number(item))
    } else {
      if (segments.length > 0) {
        if (text[at] !== '.') return { problem: `${where(text, at)}: a dot or [index] belongs here` }
        at++
      }
      const key = take(quoted)?.replace(/\\(["\\])/g, '$1') ?? take(plainKey)
      if (key === undefined) return { problem: `${where(text, at)}: a key belongs here, as in user.id` }
      segments.push(key)
    }
  }
  if (!rooted && base === 'element') return { path: { text, base, segments } }
  const whole = [...under, ...segments]
  return { path: { text: under.length === 0 ? text : formatPath(whole), base: 'record', segments: whole } }
}

/** A path from its segments, as it would be written. */
export function formatPath(segments: readonly Segment[]): string {
  let text = ''
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`
    else
      text += `${text === '' ? '' : '.'}${/^[^.[\]"{}\s]+$/.test(segment) ? segment : JSON.stringify(segment)}`
  }
  return text
}

function where(text: string, at: number): string {
  return text === '' ? 'an empty path' : `${JSON.stringify(text)}, character ${at + 1}`
}
