/** Every `$name` must be a variable or a target of this mapping; a typing error would be silent otherwise. */
import type { Problems } from './context.ts'
import type { At } from './raw-mapping.ts'
import { settings } from './settings.ts'

export function checkVariables(raw: unknown, names: ReadonlySet<string>, at: At, problems: Problems): void {
  if (typeof raw === 'string') {
    const key = at.at(-1)
    if (key === 'when' || key === 'const' || key === 'default' || key === 'match' || at.includes('table'))
      return
    for (const name of variableNames(raw)) {
      if (!names.has(name))
        problems.add(at, `$${name} is neither a variable of \`let\` nor a target of this mapping`)
    }
  } else if (typeof raw === 'object' && raw !== null) {
    const inner = 'each' in raw ? new Set([...names, 'key']) : names
    for (const [key, value] of Object.entries<unknown>({ ...raw })) {
      if (at.length > 0 || !settings.includes(key) || key === 'let') {
        checkVariables(value, inner, [...at, Array.isArray(raw) ? Number(key) : key], problems)
      }
    }
  }
}

function variableNames(text: string): string[] {
  if (/^\$[^.]/.test(text)) return [text.slice(1)]
  return [...text.matchAll(/[{|]\s*\$([A-Za-z0-9_][A-Za-z0-9_.]*)/g)].map((match) => match[1]!)
}
