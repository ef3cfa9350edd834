/** What an object says of itself that is too long to be read. */
import { membersIn, SliceError } from './json-slices.ts'

const longestText = 8 * 1024
const mostMembers = 1_000

/** Its members of these names that are texts, where they stand among its first ones and are short. */
export function firstTexts<Name extends string>(
  text: string,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  let wanted = names.length
  let seen = 0
  try {
    for (const [member, written] of membersIn(text)) {
      const name = names.find((one) => one === member)
      if (name !== undefined && found[name] === undefined && written.length <= longestText) {
        const value: unknown = JSON.parse(written)
        if (typeof value === 'string') {
          found[name] = value
          wanted--
        }
      }
      if (wanted === 0 || ++seen === mostMembers) break
    }
  } catch (thrown) {
    // It may be no JSON: nobody has looked.
    if (!(thrown instanceof SliceError || thrown instanceof SyntaxError)) throw thrown
  }
  return found
}
