/** Where something is in a record or an event. */

export type Segment = string | number

/** A path from its segments, as it would be written: `targets[0].attributes."a.b"`. */
export function formatPath(segments: readonly Segment[]): string {
  let text = ''
  for (const segment of segments) text = appendSegment(text, segment)
  return text
}

/** A path with one more segment. */
export function appendSegment(path: string, segment: Segment): string {
  if (typeof segment === 'number') return `${path}[${segment}]`
  const key = /^[^.[\]"{}\s]+$/.test(segment) ? segment : JSON.stringify(segment)
  return path === '' ? key : `${path}.${key}`
}
