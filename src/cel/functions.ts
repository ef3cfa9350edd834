/** The functions of the language: what each takes and gives, and how it runs. */
import { int64 } from './arithmetic.ts'
import {
  calendar,
  clockNanos,
  durationOf,
  formatDuration,
  formatTimestamp,
  inZone,
  parseDuration,
  parseTimestamp,
  secondsOf,
  timestampOf,
} from './time.ts'
import { Duration, failed, isJsonObject, type Kind, keysOf, Timestamp } from './value.ts'

export interface FunctionSpec {
  /** `text.startsWith(part)` has the form `method`, `int(text)` the form `global`. */
  readonly form: 'method' | 'global' | 'either'
  /** For each argument, the receiver of a method first. */
  readonly takes: readonly (readonly Kind[])[]
  /** How many of them must be there. @default all */
  readonly required?: number
  readonly gives: Kind
  /** Gets values that are not `failed`, of any kind; `undefined` for what was left out. */
  readonly apply: (first: unknown, second: unknown) => unknown
}

const text = ['string'] as const
const any = ['dyn'] as const

const onText = (gives: Kind, apply: (text: string, part: string) => unknown): FunctionSpec => ({
  form: 'method',
  takes: [text, text],
  gives,
  apply: (first, second) =>
    typeof first === 'string' && typeof second === 'string' ? apply(first, second) : failed,
})

const convert = (gives: Kind, takes: readonly Kind[], apply: (value: unknown) => unknown): FunctionSpec => ({
  form: 'global',
  takes: [takes],
  gives,
  apply,
})

const asciiCase = (apply: (text: string) => string): FunctionSpec => ({
  form: 'method',
  takes: [text],
  gives: 'string',
  apply: (value) => (typeof value === 'string' ? apply(value) : failed),
})

const calendarFunctions = Object.entries(calendar).map(([name, read]): [string, FunctionSpec] => [
  name,
  {
    form: 'method',
    takes: [
      name in clockNanos || name === 'getMilliseconds' ? ['timestamp', 'duration'] : ['timestamp'],
      text,
    ],
    required: 1,
    gives: 'int',
    apply: (value, zone) => {
      if (value instanceof Duration && zone === undefined) return ofDuration(name, value)
      if (!(value instanceof Timestamp) || (zone !== undefined && typeof zone !== 'string')) return failed
      const date = inZone(value, zone)
      return date === failed ? failed : BigInt(read(date))
    },
  },
])

function ofDuration(name: string, { $nanos }: Duration): unknown {
  if (name === 'getMilliseconds') return ($nanos % 1_000_000_000n) / 1_000_000n
  const unit = Object.hasOwn(clockNanos, name) ? clockNanos[name as keyof typeof clockNanos] : undefined
  return unit === undefined ? failed : $nanos / unit
}

export const functions: ReadonlyMap<string, FunctionSpec> = new Map<string, FunctionSpec>([
  ['startsWith', onText('bool', (value, part) => value.startsWith(part))],
  ['endsWith', onText('bool', (value, part) => value.endsWith(part))],
  ['contains', onText('bool', (value, part) => value.includes(part))],
  ['lowerAscii', asciiCase((value) => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()))],
  ['upperAscii', asciiCase((value) => value.replace(/[a-z]+/g, (letters) => letters.toUpperCase()))],
  ['size', { form: 'either', takes: [['string', 'list', 'map']], gives: 'int', apply: sizeOf }],
  ['int', convert('int', ['int', 'double', 'string', 'timestamp'], toInt)],
  ['double', convert('double', ['int', 'double', 'string'], toDouble)],
  ['string', convert('string', ['string', 'bool', 'int', 'double', 'timestamp', 'duration'], toText)],
  ['bool', convert('bool', ['bool', 'string'], toBool)],
  ['dyn', convert('dyn', any, (value) => value)],
  ['timestamp', convert('timestamp', ['string', 'int', 'timestamp'], toTimestamp)],
  ['duration', convert('duration', ['string', 'int', 'duration'], toDuration)],
  ...calendarFunctions,
])

function sizeOf(value: unknown): unknown {
  if (typeof value === 'string') return BigInt(codePoints(value))
  if (Array.isArray(value)) return BigInt(value.length)
  if (value instanceof Map) return BigInt(value.size)
  return isJsonObject(value) ? BigInt(keysOf(value).length) : failed
}

function codePoints(value: string): number {
  let count = value.length
  for (let index = 0; index + 1 < value.length; index++) {
    const unit = value.charCodeAt(index)
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = value.charCodeAt(index + 1)
      if (next >= 0xdc00 && next < 0xe000) count--
    }
  }
  return count
}

function toInt(value: unknown): unknown {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') {
    return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : failed
  }
  if (typeof value === 'string')
    return /^[+-]?\d{1,20}$/.test(value) ? int64(BigInt(value.replace(/^\+/, ''))) : failed
  return value instanceof Timestamp ? secondsOf(value) : failed
}

function toDouble(value: unknown): unknown {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return failed
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) return Number(value)
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(value)
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity
  return value.toLowerCase() === 'nan' ? Number.NaN : failed
}

function toText(value: unknown): unknown {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  return value instanceof Duration ? formatDuration(value) : failed
}

const truths = new Set(['true', 'True', 'TRUE', 't', '1'])
const falsehoods = new Set(['false', 'False', 'FALSE', 'f', '0'])

function toBool(value: unknown): unknown {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return failed
  if (truths.has(value)) return true
  return falsehoods.has(value) ? false : failed
}

function toTimestamp(value: unknown): unknown {
  if (typeof value === 'string') return parseTimestamp(value)
  if (typeof value === 'bigint') return timestampOf(value * 1_000_000_000n)
  return value instanceof Timestamp ? value : failed
}

function toDuration(value: unknown): unknown {
  if (typeof value === 'string') return parseDuration(value)
  if (typeof value === 'bigint') return durationOf(value * 1_000_000_000n)
  return value instanceof Duration ? value : failed
}
