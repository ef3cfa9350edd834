/**
 * RFC 3164 only tells what was seen, so that all is read that is in use: a time (older-time.ts), a host or none, a tag or none.
 * Cisco's devices write a number, their name, or both, before the time, and a colon behind it:
 * `29: r1: *Nov  3 09:15:00.123 CET: %SYS-5-CONFIG_I: …`, `Nov 03 2026 09:15:00 fw1 : %ASA-…`.
 */
import type { Syslog } from './header.ts'
import { readOlderTime } from './older-time.ts'

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
  const first = readOlderTime(numbered)
  const [named = '', before] = first ? [] : (nameBefore.exec(numbered) ?? [])
  const time = first ?? readOlderTime(numbered.slice(named.length))
  // A colon that follows is Cisco's; without, a name before a time is a line's.
  if (time === undefined || (numbers + named !== '' && !time.hasColon)) return undefined
  const { timestamp, mark, hasColon, length } = time
  const header: Record<string, unknown> = { timestamp }
  const sequence = counted.filter((one) => one !== undefined)
  if (sequence.length > 0) header.sequence = sequence.join(':')
  if (before !== undefined) header.hostname = before
  const warnings = mark === '' ? [] : [`syslog: the sender says that its clock may be wrong (${mark})`]
  return {
    ...behindTime(numbered.slice(named.length + length), header, !hasColon),
    warnings,
    partial: false,
  }
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
