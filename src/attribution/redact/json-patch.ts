/**
 * Operations of a JSON Patch (RFC 6902), as `{"op":"replace","path":"/data/password","value":"…"}`: what `value` says
 * belongs to the names in `path`, as if it stood there.
 */

const writing = new Set(['add', 'replace', 'test'])

/** The names in the path of such an operation; undefined for any other object. */
export function patchedNames(values: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { op, path, value } = values
  if (typeof path !== 'string' || typeof op !== 'string' || value === undefined) return undefined
  return writing.has(op) && path.startsWith('/') ? namesIn(path) : undefined
}

/** Of a JSON Pointer (RFC 6901). */
export const namesIn = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
