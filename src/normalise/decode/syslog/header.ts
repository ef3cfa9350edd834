/** What stands before the message, in either form: RFC 5424 says it exactly, and of RFC 3164 see older.ts. */
import { readOlder } from './older.ts'
import { readPriority } from './priority.ts'
import { readStructuredData } from './structured-data.ts'

export interface Syslog {
  /** Named as in RFC 5424; what is not there is absent. */
  readonly header: Readonly<Record<string, unknown>>
  readonly message: string
  /** For `quality.warnings`. */
  readonly warnings: readonly string[]
  /** Some of the header could not be read, and is in the message. */
  readonly partial: boolean
}

const modern = /^1 (\S+) (\S+) (\S+) (\S+) (\S+)(?: (?=-|\[)|$)/
/** Of who leaves the structured data out, it is not known what else is missing. */
const modernInPart = /^1 (\d{4}-\d\d-\d\d[Tt]\S+) (\S+) (\S+) /

/** Undefined where it is no syslog: it has neither a priority nor a time at its beginning. */
export function readSyslog(text: string): Syslog | undefined {
  const priority = readPriority(text)
  if (priority === undefined) return readOlder(text)
  const {
    levels,
    text: { length },
  } = priority
  const rest = text.slice(length)
  const read = readModern(rest) ?? readOlder(rest) ?? (levels && withoutTime(rest))
  if (read === undefined) return undefined
  const { header, ...others } = read
  if (levels) return { header: { ...levels, ...header }, ...others }
  return { ...read, warnings: [`syslog: there is no priority ${priority.text}`, ...read.warnings] }
}

function readModern(rest: string): Syslog | undefined {
  const match = modern.exec(rest)
  if (match === null) return readModernInPart(rest)
  const [{ length }, timestamp, hostname, appName, procid, msgid] = match
  const header = given({ timestamp, hostname, app_name: appName, procid, msgid })
  if (rest.length === length || (rest[length] === '-' && (rest[length + 1] ?? ' ') === ' '))
    return { header, message: rest.slice(length + 2), warnings: [], partial: false }
  const data = readStructuredData(rest, length)
  const isWhole = data !== undefined && (rest[data.end] === ' ' || rest[data.end] === undefined)
  if (!isWhole) {
    const warnings = ['syslog: the structured data cannot be read, and is left in the message']
    return { header, message: rest.slice(length), warnings, partial: true }
  }
  return {
    header: { ...header, structured_data: data.elements },
    message: rest.slice(data.end + 1),
    warnings: [],
    partial: false,
  }
}

function readModernInPart(rest: string): Syslog | undefined {
  const match = modernInPart.exec(rest)
  if (match === null) return undefined
  const [{ length }, timestamp, hostname, appName] = match
  const warnings = ['syslog: the header has no structured data; what follows the program is the message']
  const header = given({ timestamp, hostname, app_name: appName })
  return { header, message: rest.slice(length), warnings, partial: true }
}

/** Programs are then known only by what nobody else writes so. */
const surelyTag = /^(?:([^\s:[\]<>{}"=,]{1,255})\[(\d{1,10})\]|(%[A-Z][A-Z0-9_]*(?:-\w+)*-[0-7]-\w+)): ?/

function withoutTime(rest: string): Syslog {
  const [whole = '', program, procid, mnemonic] = surelyTag.exec(rest) ?? []
  const warnings = [
    whole === ''
      ? 'syslog: no time stands behind the priority; all that follows it is the message'
      : 'syslog: no time stands behind the priority',
  ]
  const header = given({ app_name: program ?? mnemonic, procid })
  return { header, message: rest.slice(whole.length), warnings, partial: false }
}

/** `-` is nothing. */
const given = (members: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== '-'))
