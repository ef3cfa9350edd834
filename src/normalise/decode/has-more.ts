/** Whether a text has more of a mark than are read in one piece. */
import { mostWeight } from '../../event/record-weight.ts'

export function hasMore(text: string, mark: string): boolean {
  if (text.length <= mostWeight) return false
  let count = 0
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length))
    if (++count > mostWeight) return true
  return false
}
