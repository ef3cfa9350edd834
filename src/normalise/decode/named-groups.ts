/** Texts of a fixed form: the named groups of the first pattern that matches the whole text. */
import { asError } from '../../errors.ts'
import { compilePattern, type Pattern } from '../../pattern/pattern.ts'
import { setMember } from '../set-member.ts'
import type { Decoder } from './decoder.ts'
import { onlyOptions } from './options.ts'

interface Form {
  readonly pattern: Pattern
  readonly names: readonly (readonly [name: string, group: number])[]
}

/** `{ pattern: '(?P<user>\S+) did (?P<action>.*)' }`, or a list of them. @throws Error that says what is wrong with it */
export function createPatternDecoder(options: Readonly<Record<string, unknown>>): Decoder {
  onlyOptions(options, ['pattern'])
  const sources: unknown[] = Array.isArray(options.pattern) ? options.pattern : [options.pattern]
  if (sources.length === 0) throw new Error('a list of patterns has at least one')
  const forms = sources.map(compileForm)
  return {
    decode(text) {
      for (const { pattern, names } of forms) {
        const groups = pattern.exec(text)
        if (groups === undefined) continue
        const value: Record<string, unknown> = {}
        for (const [name, group] of names) {
          if (groups[group] !== undefined) setMember(value, name, groups[group])
        }
        return { ok: true, value, warnings: [] }
      }
      const reason =
        forms.length === 1 ? 'pattern: it does not match' : `pattern: none of ${forms.length} matches`
      return { ok: false, reason }
    },
  }
}

function compileForm(source: unknown): Form {
  if (typeof source !== 'string' || source === '') {
    throw new Error('a pattern is a regular expression (RE2), in quotes')
  }
  // Anchored below: what is left of the pattern's own says nothing more.
  const inner = source.replace(/^\^/, '').replace(/(?<!\\)((?:\\\\)*)\$$/, '$1')
  let pattern: Pattern
  try {
    pattern = compilePattern(`^(?:${inner})$`)
  } catch (thrown) {
    throw new Error(
      `not a pattern: ${asError(thrown).message} (patterns are RE2: no look-around, no back-references)`,
    )
  }
  if (pattern.names.size === 0) throw new Error('a pattern needs named groups, as in (?P<user>[^ ]+)')
  return { pattern, names: [...pattern.names] }
}
