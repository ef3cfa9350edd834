/** Time patterns in the manner of strptime, compiled to a scanner: no regular expression from a configuration. */
import { type LocalTime, minutesEast } from './local-time.ts'

interface Cursor {
  readonly text: string
  at: number
  readonly time: LocalTime
  afternoon: boolean | undefined
}

/** Moves the cursor over its part; false when the text does not fit. */
type Step = (cursor: Cursor) => boolean

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function digits(cursor: Cursor, min: number, max: number): number | undefined {
  let end = cursor.at
  while (end < cursor.text.length && end - cursor.at < max && isDigit(cursor.text.charCodeAt(end))) end++
  if (end - cursor.at < min) return undefined
  const value = Number(cursor.text.slice(cursor.at, end))
  cursor.at = end
  return value
}

const isDigit = (code: number) => code >= 48 && code <= 57

const number =
  (
    member: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second',
    width: number,
    low: number,
    high: number,
  ): Step =>
  (cursor) => {
    if (member === 'day' && cursor.text[cursor.at] === ' ') cursor.at++
    const value = digits(cursor, member === 'year' ? width : 1, width)
    if (value === undefined || value < low || value > high) return false
    cursor.time[member] = value
    return true
  }

const steps: Readonly<Record<string, Step>> = {
  Y: number('year', 4, 0, 9999),
  m: number('month', 2, 1, 12),
  d: number('day', 2, 1, 31),
  e: number('day', 2, 1, 31),
  H: number('hour', 2, 0, 23),
  I: number('hour', 2, 1, 12),
  M: number('minute', 2, 0, 59),
  S: number('second', 2, 0, 60),
  y: (cursor) => {
    const value = digits(cursor, 2, 2)
    if (value === undefined) return false
    // POSIX: 69 to 99 are the 1900s.
    cursor.time.year = value >= 69 ? 1900 + value : 2000 + value
    return true
  },
  b: (cursor) => {
    const month = months.indexOf(cursor.text.slice(cursor.at, cursor.at + 3).toLowerCase())
    if (month < 0) return false
    cursor.time.month = month + 1
    cursor.at += 3
    return true
  },
  a: (cursor) => {
    const matches = /^[A-Za-z]{3}$/.test(cursor.text.slice(cursor.at, cursor.at + 3))
    cursor.at += 3
    return matches
  },
  f: (cursor) => {
    const from = cursor.at
    if (digits(cursor, 1, 30) === undefined) return false
    cursor.time.nanosecond = Number(cursor.text.slice(from, Math.min(cursor.at, from + 9)).padEnd(9, '0'))
    return true
  },
  p: (cursor) => {
    const half = cursor.text.slice(cursor.at, cursor.at + 2).toLowerCase()
    cursor.afternoon = half === 'pm'
    cursor.at += 2
    return half === 'am' || half === 'pm'
  },
  z: offset,
  Z: (cursor) => {
    const [name] = /^[A-Z]{1,5}/.exec(cursor.text.slice(cursor.at, cursor.at + 6)) ?? []
    if (name === undefined) return offset(cursor)
    // Other abbreviations stand for many zones: the time is local, and its zone is to be configured.
    if (name === 'UTC' || name === 'GMT' || name === 'Z') cursor.time.offset = 0
    cursor.at += name.length
    return true
  },
}

/** `Z`, `+0100`, `+01:00`, `+01`. */
function offset(cursor: Cursor): boolean {
  const match = /^(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)/.exec(cursor.text.slice(cursor.at, cursor.at + 6))
  if (match === null) return false
  const [text, sign, hours = '0', minutes = '0'] = match
  const east = minutesEast(hours, minutes)
  if (east === undefined) return false
  cursor.time.offset = sign === '-' ? -east : east
  cursor.at += text.length
  return true
}

/** What is wrong with a pattern, or undefined. */
export function timePatternProblem(pattern: string): string | undefined {
  const used = new Set<string>()
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== '%') continue
    const letter = pattern[++at] ?? ''
    if (letter !== '%' && !Object.hasOwn(steps, letter)) {
      return `%${letter} is none of ${Object.keys(steps)
        .map((known) => `%${known}`)
        .join(' ')} %%`
    }
    used.add(letter)
  }
  if (!(used.has('m') || used.has('b')) || !(used.has('d') || used.has('e'))) {
    return 'a pattern needs a month (%m or %b) and a day (%d or %e)'
  }
  return undefined
}

/** A function that reads `text` as `pattern`, or answers undefined. The pattern must be without problems. */
export function compileTimePattern(pattern: string): (text: string) => LocalTime | undefined {
  const program: Step[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    const step = character === '%' ? steps[pattern[++at] ?? ''] : undefined
    program.push(step ?? literal(pattern[at]!))
  }
  return (text) => {
    const time: LocalTime = { month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 }
    const cursor: Cursor = { text, at: 0, time, afternoon: undefined }
    for (const step of program) if (!step(cursor)) return undefined
    if (cursor.at !== text.length) return undefined
    if (cursor.afternoon !== undefined) time.hour = (time.hour % 12) + (cursor.afternoon ? 12 : 0)
    return time
  }
}

function literal(character: string): Step {
  return (cursor) => {
    if (cursor.text[cursor.at] !== character) return false
    cursor.at++
    return true
  }
}
