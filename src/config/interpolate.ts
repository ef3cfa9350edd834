/**
 * `${NAME}`, `${NAME:-default}`, `${file:/path}` and `$$` inside one string.
 *
 * A string is cut into pieces once, left to right; what a reference yields is never looked at again, so neither a
 * variable's value nor a file's content can name another secret. A `$` before anything else stays a `$`, since
 * regular expressions end with it.
 */

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'malformed'; readonly reason: string }

const variablePattern = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/

export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let plain = ''
  const push = (piece: Piece): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain })
    plain = ''
    found.push(piece)
  }
  let at = 0
  while (at < text.length) {
    const dollar = text.indexOf('$', at)
    if (dollar === -1) break
    plain += text.slice(at, dollar)
    const next = text[dollar + 1]
    if (next === '$') {
      plain += '$'
      at = dollar + 2
    } else if (next === '{') {
      const end = text.indexOf('}', dollar)
      if (end === -1) {
        push({
          kind: 'malformed',
          reason: `"\${" has no closing "}". For the two characters themselves write "$\${"`,
        })
        return found
      }
      push(reference(text.slice(dollar + 2, end)))
      at = end + 1
    } else {
      plain += '$'
      at = dollar + 1
    }
  }
  plain += text.slice(at)
  if (plain !== '') found.push({ kind: 'text', text: plain })
  return found
}

function reference(body: string): Piece {
  if (body.startsWith('file:')) {
    const path = body.slice('file:'.length)
    if (path === '')
      return { kind: 'malformed', reason: `"\${file:}" names no file, as in \${file:/run/secrets/token}` }
    return { kind: 'file', path }
  }
  const match = variablePattern.exec(body)
  if (match?.[1] === undefined) {
    const reason = `"\${${body}}" is no reference. Allowed: \${NAME}, \${NAME:-default}, \${file:/path}, and $$ for a $`
    return { kind: 'malformed', reason }
  }
  return { kind: 'variable', name: match[1], fallback: match[2] }
}
