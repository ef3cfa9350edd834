/**
 * RFC 3164 only tells what was seen, so that all is read that is in use: the time as `Nov  3 09:15:00`, with a year and a
 * fraction or without, or as RFC 3339; a host or none, a tag or none. Cisco's devices write a number, their name, or both, before the
 * time, and a colon behind it: `29: r1: *Nov  3 09:15:00.123 CET: %SYS-5-CONFIG_I: …`, `Nov 03 2026 09:15:00 fw1 : %ASA-…`.
 */
import type { Syslog } from './header.ts'

const clock = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`
const months = String.raw`[A-Z][a-z]{2} (?:[ \d]\d|\d) (?:\d{4} )?${clock}|\d{4} [A-Z][a-z]{2} (?:[ \d]\d|\d) ${clock}`
const iso = String.raw`\d{4}-\d\d-\d\d[T ]${clock}(?:Z|[+-]\d\d:?\d\d)?`
/** Other names than UTC's are none of a program only where Cisco's code stands behind them. */
const zone = '(?: (?:UTC|GMT|[A-Z]{2,5}(?=: %)))?(?=: )'
/** With the mark of a clock that was not set, or has lost its server. */
const time = new RegExp(String.raw`^[:\s]?([*.]?)(${iso}|(?:${months})(?:${zone})?)(:? )`)
/** The number may be there twice: counted by the logger, and by the device. */
const number = /^(\d{1,12}): (?:(\d{1,12}): )?/
const nameBefore = /^([^\s:[\]<>{}"=,*]{1,255}): ?/
/** Not those of the formats that begin as a tag does. */
const name = String.raw`(?!(?:CEF|LEEF):\d|\w+:\/\/)([^\s:[\]<>{}"=,]{1,255})(?:\[([^\]\s]{1,255})\])?:`
const tag = new RegExp(`^${name}(?= |$)`)
/** Behind a host, nothing else can be meant. */
const tagBehindHost = new RegExp(`^${name}`)
const host = /^[^\s:[\]<>{}"=,]{1,255}(?= )|^[0-9A-Fa-f:.]{2,45}(?= )/
const format = /^(CEF|LEEF):\d/

/** What follows the priority; undefined where no time stands there. */
export function readOlder(text: string): Syslog | undefined {
  const [numbers = '', ...counted] = number.exec(text) ?? []
  const numbered = text.slice(numbers.length)
  const [named = '', before] = time.test(numbered) ? [] : (nameBefore.exec(numbered) ?? [])
  const found = time.exec(numbered.slice(named.length))
  // A colon that follows is Cisco's; without, a name before a time is a line's.
  if (found === null || (numbers + named !== '' && found[3] !== ': ')) return undefined
  const header: Record<string, unknown> = { timestamp: found[2] }
  const sequence = counted.filter((one) => one !== undefined)
  if (sequence.length > 0) header.sequence = sequence.join(':')
  if (before !== undefined) header.hostname = before
  const warnings =
    found[1] === '' ? [] : [`syslog: the sender says that its clock may be wrong (${found[1]})`]
  const message = numbered.slice(named.length + found[0].length)
  return { ...behindTime(message, header, found[3] === ' '), warnings, partial: false }
}

/** A host where there may be one, and a tag. */
function behindTime(
  text: string,
  header: Record<string, unknown>,
  mayHaveHost: boolean,
): Pick<Syslog, 'header' | 'message'> {
  let message = text
  let named = tag.exec(message)
  if (named === null && mayHaveHost && !format.test(message)) {
    const [found] = host.exec(message) ?? []
    if (found !== undefined) {
      header.hostname = found
      message = message.slice(found.length + 1).replace(/^: (?=%)/, '')
      named = tagBehindHost.exec(message)
    }
  }
  if (named !== null) {
    header.app_name = named[1]
    if (named[2] !== undefined) header.procid = named[2]
    return { header, message: message.slice(named[0].length).replace(/^ /, '') }
  }
  // It says what it is, and is read by who knows it: whole.
  const [, kind] = format.exec(message) ?? []
  if (kind !== undefined) header.app_name = kind
  return { header, message }
}
