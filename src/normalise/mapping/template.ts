/**
 * Templates: `k8s:{verb}:[{group}/]{resource}`. Braces hold a path, or alternatives `{a|b}` of which the first that
 * is present is taken; `$name` is a variable. Brackets hold a part that is left out when one of its braces has no
 * value; elsewhere a brace without a value makes the whole template absent. `{{ }} [[ ]]` are the characters.
 */

export interface Placeholder {
  /** Texts of paths or `$names`, as written. */
  readonly alternatives: readonly string[]
}

type TemplatePart = string | Placeholder | { readonly optional: readonly (string | Placeholder)[] }

export type ParsedTemplate = { readonly parts: readonly TemplatePart[] } | { readonly problem: string }

export function parseTemplate(text: string): ParsedTemplate {
  const parts: TemplatePart[] = []
  let group: (string | Placeholder)[] | undefined
  let literal = ''
  const flush = () => {
    if (literal !== '') (group ?? parts).push(literal)
    literal = ''
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    const escaped = '{}[]'.includes(character) && text[at + 1] === character
    if (escaped) {
      literal += character
      at++
    } else if (character === '{') {
      const end = closingBrace(text, at)
      if (end < 0) return { problem: `the { at character ${at + 1} has no }` }
      flush()
      const alternatives = splitAlternatives(text.slice(at + 1, end))
      if (alternatives.includes('')) return { problem: `the braces at character ${at + 1} need a path` }
      ;(group ?? parts).push({ alternatives })
      at = end
    } else if (character === '[') {
      if (group !== undefined) return { problem: `the [ at character ${at + 1} stands within another one` }
      flush()
      group = []
    } else if (character === ']') {
      if (group === undefined) return { problem: `the ] at character ${at + 1} closes nothing` }
      flush()
      parts.push({ optional: group })
      group = undefined
    } else if (character === '}') {
      return { problem: `the } at character ${at + 1} closes nothing` }
    } else {
      literal += character
    }
  }
  if (group !== undefined) return { problem: 'a [ has no ]' }
  flush()
  return { parts }
}

function closingBrace(text: string, from: number): number {
  let quoted = false
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"' && text[at - 1] !== '\\') quoted = !quoted
    else if (text[at] === '}' && !quoted) return at
  }
  return -1
}

function splitAlternatives(text: string): string[] {
  const alternatives = ['']
  let quoted = false
  for (const character of text) {
    if (character === '"') quoted = !quoted
    if (character === '|' && !quoted) alternatives.push('')
    else alternatives[alternatives.length - 1] += character
  }
  return alternatives.map((alternative) => alternative.trim())
}
