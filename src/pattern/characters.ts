/** Sets of code points, as ascending ranges that neither touch nor overlap: what one character of a text may be. */

export type Characters = readonly (readonly [from: number, to: number])[]

const last = 0x10ffff
const code = (character: string) => character.codePointAt(0)!

export const one = (character: string): Characters => [[code(character), code(character)]]

/** `range('a', 'z')`; empty where the ends are the wrong way round. */
export function range(from: string, to: string): Characters {
  return code(from) <= code(to) ? [[code(from), code(to)]] : []
}

export function union(sets: readonly Characters[]): Characters {
  const merged: [number, number][] = []
  for (const [from, to] of sets.flat().toSorted((a, b) => a[0] - b[0])) {
    const before = merged.at(-1)
    if (before !== undefined && from <= before[1] + 1) before[1] = Math.max(before[1], to)
    else merged.push([from, to])
  }
  return merged
}

export function complement(set: Characters): Characters {
  const rest: [number, number][] = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) rest.push([next, from - 1])
    next = to + 1
  }
  if (next <= last) rest.push([next, last])
  return rest
}

export function overlap(a: Characters, b: Characters): boolean {
  return a.some(([from, to]) => b.some(([otherFrom, otherTo]) => from <= otherTo && otherFrom <= to))
}

const digit = range('0', '9')
const word = union([digit, range('a', 'z'), range('A', 'Z'), one('_')])
/** Of RE2: no vertical tab, and nothing beyond ASCII. */
const space = union([range('\t', '\n'), range('\f', '\r'), one(' ')])

/** `\d` and the like. */
export const classes: Readonly<Record<string, Characters>> = {
  d: digit,
  D: complement(digit),
  w: word,
  W: complement(word),
  s: space,
  S: complement(space),
}

/** `.` without flags. */
export const anyButNewline = complement(one('\n'))
