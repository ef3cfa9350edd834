/**
 * A record of a few megabytes may hold millions of objects, and would take gigabytes to be read. Of such a one what is heavy is
 * left out, as little of it as can be: who did it, and to what, stands beside that. All of the record is kept as it came.
 */
import { mostWeight } from '../../event/record-weight.ts'
import { type HeavyValue, type Weighed, weigh } from './json-weight.ts'
import { stringEnd } from './string-end.ts'

/** Members that are left out of one record. */
const mostLeftOut = 8
const longestPath = 120

export type Readable =
  | {
      readonly ok: true
      /** Itself where nothing had to be left out. */
      readonly text: string
      /** What was left out, for `quality.warnings`. */
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly reason: string }

/** By its length: each object or list takes two characters. */
export const mayWeighTooMuch = (text: string, most = mostWeight): boolean => text.length > 2 * most

/** What of a JSON text can be read in bounded memory. Whether it is JSON is not judged. */
export function readablePart(text: string, deepest: number, most = mostWeight): Readable {
  if (!mayWeighTooMuch(text, most)) return { ok: true, text, warnings: none }
  const weighed = weigh(text, deepest, most / 16)
  if (weighed.isTooDeep) return { ok: false, reason: `nested deeper than ${deepest} levels` }
  if (weighed.weight <= most) return { ok: true, text, warnings: none }
  const leftOut = chosenFrom(weighed, most, true) ?? chosenFrom(weighed, most, false)
  if (leftOut === undefined) {
    const reason = `not read, it holds ${weighed.weight} objects and lists: more than ${most} are too many`
    return { ok: false, reason }
  }
  return {
    ok: true,
    text: without(text, leftOut),
    warnings: leftOut.map(({ path, value }) => {
      const shown = path.map(({ nameStart }) => nameAt(text, nameStart)).join('.')
      const where = shown.slice(0, longestPath).toWellFormed()
      return `not read, its ${value.weight} objects and lists are too many: ${where}`
    }),
  }
}

const none: readonly string[] = []

interface LeftOut {
  readonly value: HeavyValue
  /** From the outermost member to this one. */
  readonly path: readonly HeavyValue[]
}

/**
 * In the order in which they stand; undefined where that is not enough.
 * @param areParts of a member that weighs too much by itself only parts, where it has such
 */
function chosenFrom({ whole, weight }: Weighed, most: number, areParts: boolean): LeftOut[] | undefined {
  if (whole === undefined || whole.isList) return undefined
  let chosen: LeftOut[] = []
  const isGone = (value: HeavyValue) => chosen.some((one) => one.value === value)
  /** Without what was left out of it. */
  const rest = (value: HeavyValue): number =>
    isGone(value) ? 0 : value.weight - value.parts.reduce((sum, part) => sum + part.weight - rest(part), 0)
  for (let left = weight; left > most; left = rest(whole)) {
    if (chosen.length === mostLeftOut) return undefined
    const path = heaviest(whole, rest, areParts ? most : weight)
    const value = path.at(-1)
    if (value === undefined) return undefined
    // With what it is in, what was left out before goes as well.
    chosen = chosen.filter((one) => one.value.start < value.start || one.value.end > value.end)
    chosen.push({ value, path })
  }
  return chosen.toSorted((a, b) => a.value.start - b.value.start)
}

/** The way to what is to be left out next: of a member that weighs more than `most` it may be a part. */
function heaviest(whole: HeavyValue, rest: (value: HeavyValue) => number, most: number): HeavyValue[] {
  const path: HeavyValue[] = []
  let around = whole
  for (;;) {
    const part = around.parts.reduce<HeavyValue | undefined>(
      (found, one) => (found === undefined || rest(one) > rest(found) ? one : found),
      undefined,
    )
    if (part === undefined || rest(part) === 0) return path
    path.push(part)
    if (part.isList || rest(part) <= most) return path
    around = part
  }
}

/** `leftOut`: none within another. */
function without(text: string, leftOut: readonly LeftOut[]): string {
  let kept = ''
  let from = 0
  for (const { value } of leftOut) {
    kept += text.slice(from, value.nameStart)
    from = behindSpace(text, value.end)
    if (text[from] === ',') from++
    // Behind the last member nothing is to be parted from.
    else kept = kept.replace(/,\s*$/, '')
  }
  return kept + text.slice(from)
}

function behindSpace(text: string, from: number): number {
  let at = from
  while (/\s/.test(text.charAt(at))) at++
  return at
}

/** As it is written where it is no JSON. */
function nameAt(text: string, start: number): string {
  const written = text.slice(start, stringEnd(text, start) + 1)
  try {
    return JSON.parse(written) as string
  } catch {
    return written
  }
}
