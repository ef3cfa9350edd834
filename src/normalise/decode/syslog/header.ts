/**
 * What stands before the message. RFC 5424 says it exactly; RFC 3164 only tells what was seen, so that of the older form
 * all is read that is in use: with a priority or (in files) without, the time as `Nov  3 09:15:00` or as RFC 3339, a host
 * or none, a tag or none.
 */
import { type Priority, readPriority } from './priority.ts'
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

const modern = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) (?=-|\[)/
const time =
  /^[*.]?([A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /
const tag = /^([^\s:[\]<>{}"=,]{1,255})(?:\[([^\]\s]{1,255})\])?:(?= |$)/
/** Behind a host, nothing else can be meant. */
const tagBehindHost = /^([^\s:[\]<>{}"=,]{1,255})(?:\[([^\]\s]{1,255})\])?:/
const host = /^[^\s:[\]<>{}"=,]{1,255}(?= )|^[0-9A-Fa-f:.]{2,45}(?= )/

/** Undefined where it is no syslog: it has neither a priority nor a time at its beginning. */
export function readSyslog(text: string): Syslog | undefined {
  const priority = readPriority(text)
  const rest = priority === undefined ? text : text.slice(priority.length)
  const levels = priority && { facility: priority.facility, severity: priority.severity }
  const match = priority && modern.exec(rest)
  return match ? readModern(match, rest, levels!) : readOlder(rest, levels)
}

type Levels = Pick<Priority, 'facility' | 'severity'>

function readModern(match: RegExpExecArray, rest: string, levels: Levels): Syslog {
  const [{ length }, timestamp, hostname, appName, procid, msgid] = match
  const header = {
    ...levels,
    ...given({ timestamp, hostname, app_name: appName, procid, msgid }),
  }
  if (rest[length] === '-' && (rest[length + 1] === ' ' || rest[length + 1] === undefined))
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

function readOlder(rest: string, levels: Levels | undefined): Syslog | undefined {
  const found = time.exec(rest)
  if (found === null) {
    if (levels === undefined) return undefined
    const warnings = ['syslog: no time stands behind the priority; all that follows it is the message']
    return { header: levels, message: rest, warnings, partial: false }
  }
  const header: Record<string, unknown> = { ...levels, timestamp: found[1] }
  let message = rest.slice(found[0].length)
  let named = tag.exec(message)
  if (named === null) {
    const [name] = host.exec(message) ?? []
    if (name !== undefined) {
      header.hostname = name
      message = message.slice(name.length + 1)
      named = tagBehindHost.exec(message)
    }
  }
  if (named !== null) {
    header.app_name = named[1]
    if (named[2] !== undefined) header.procid = named[2]
    message = message.slice(named[0].length).replace(/^ /, '')
  }
  return { header, message, warnings: [], partial: false }
}

/** `-` is nothing. */
const given = (members: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== '-'))
