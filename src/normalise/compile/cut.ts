/** Parts of texts between separator characters; empty ones do not count. */
export function cut(text: string, separators: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !separators.includes(text[at]!)) continue
    if (at > from) parts.push(text.slice(from, at))
    from = at + 1
  }
  return parts
}
