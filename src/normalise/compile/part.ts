/** Parts of texts between separator characters. */
import { scalar } from './fit.ts'

/** Texts remembered with their part: names of actions are few, and cutting one costs more than looking it up. */
const maxRemembered = 1024
const maxLength = 128

/** @param index 0 is the first part, -1 the last; empty parts do not count */
export function createPart(separators: string, index: number): (value: unknown) => string | undefined {
  const remembered = new Map<string, string | undefined>()
  return (value) => {
    const text = scalar(value)
    if (text === undefined) return undefined
    const known = remembered.get(text)
    if (known !== undefined || remembered.has(text)) return known
    const part = cut(text, separators).at(index)
    if (remembered.size >= maxRemembered) remembered.clear()
    if (text.length <= maxLength) remembered.set(text, part)
    return part
  }
}

function cut(text: string, separators: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !separators.includes(text[at]!)) continue
    if (at > from) parts.push(text.slice(from, at))
    from = at + 1
  }
  return parts
}
