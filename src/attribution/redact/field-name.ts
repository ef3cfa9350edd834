/**
 * A field's name, as rules by `key` compare it: in small letters; and of one that says in dots where it belongs
 * (`user.password`, `http.request.header.authorization`), its last part too.
 */

/** @param folded in small letters */
export const isCalled = (key: string, folded: string): boolean => {
  if (key.length < folded.length) return false
  const own = key.toLowerCase()
  return own === folded || lastPart(own) === folded
}

/** What of names in small letters a field's name is: the first that it is. */
export function calledOf(key: string, has: (folded: string) => boolean): string | undefined {
  const own = key.toLowerCase()
  if (has(own)) return own
  const last = lastPart(own)
  return last !== undefined && has(last) ? last : undefined
}

function lastPart(name: string): string | undefined {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? undefined : name.slice(dot + 1)
}
