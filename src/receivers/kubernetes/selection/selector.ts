/**
 * Selectors as `kubectl -l` takes them: requirements between commas, all of which must hold.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export type Selector = (values: Readonly<Record<string, string>>) => boolean

const name = '(?:[A-Za-z0-9][A-Za-z0-9.-]*/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?'
const present = new RegExp(`^(!?)\\s*(${name})$`)
const equal = new RegExp(`^(${name})\\s*(==|=|!=)\\s*([^\\s=!(),]*)$`)
const oneOf = new RegExp(`^(${name})\\s+(in|notin)\\s*\\(([^()]*)\\)$`)

/** @throws Error that says which requirement is none */
export function parseSelector(text: string): Selector {
  const requirements = parts(text).map((part) => requirement(part.trim()))
  return (values) => requirements.every((holds) => holds(values))
}

/** What is wrong with it, or undefined. */
export function selectorProblem(text: string): string | undefined {
  try {
    parseSelector(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Between the commas that are in no brackets. */
function parts(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === ',' && depth === 0) {
      found.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...found, text.slice(start)]
}

function requirement(text: string): Selector {
  const [, not, alone] = present.exec(text) ?? []
  if (alone !== undefined) return (values) => Object.hasOwn(values, alone) === (not === '')
  const [, key, operator, value] = equal.exec(text) ?? []
  if (key !== undefined) return held(key, [value ?? ''], operator !== '!=')
  const [, list, word, members = ''] = oneOf.exec(text) ?? []
  if (list !== undefined)
    return held(
      list,
      members.split(',').map((one) => one.trim()),
      word === 'in',
    )
  throw new Error(
    `${JSON.stringify(text)} is no requirement of a selector: name=value, name!=value, name in (a,b), name notin (a,b), name, !name`,
  )
}

/** What lacks the name is not among the values, and so among all others. */
function held(key: string, among: readonly string[], wanted: boolean): Selector {
  return (values) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined
    return (value !== undefined && among.includes(value)) === wanted
  }
}
