/** Options of decoders, as configurations give them. Everything here throws an Error that says what is wrong with one. */

type Options = Readonly<Record<string, unknown>>

/** @throws Error for an option that is none of these */
export function onlyOptions(options: Options, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const choices = known.length === 0 ? 'takes none' : `takes ${known.join(', ')}`
  throw new Error(`this decoder has no option ${JSON.stringify(unknown)}; it ${choices}`)
}

/** One character of ASCII. */
export function characterOption(options: Options, name: string, fallback: string): string {
  const value = options[name] ?? fallback
  if (typeof value === 'string' && /^[\0-\x7f]$/.test(value)) return value
  throw new Error(`\`${name}\` is one character of ASCII, in quotes`)
}

/** True or false; false where it is not set. */
export function truthOption(options: Options, name: string): boolean {
  const value = options[name] ?? false
  if (typeof value === 'boolean') return value
  throw new Error(`\`${name}\` is true or false`)
}

/** A text, and not an empty one. */
export function textOption(options: Options, name: string, fallback: string): string {
  const value = options[name] ?? fallback
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`\`${name}\` is a text, and not an empty one`)
}

/** A list of texts, none empty and none twice. */
export function namesOption(options: Options, name: string): readonly string[] {
  const value = options[name]
  if (!Array.isArray(value) || value.length === 0 || !value.every(isName)) {
    throw new Error(`\`${name}\` is a list of names`)
  }
  const twice = value.find((each, i) => value.indexOf(each) !== i)
  if (twice !== undefined) throw new Error(`\`${name}\` has ${JSON.stringify(twice)} twice`)
  return value
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
