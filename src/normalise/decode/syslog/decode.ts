/** Messages of syslog, as RFC 5424 and RFC 3164 have them, sent or kept in a file. */
import type { Decoded } from '../decoder.ts'
import { readSyslog, type Syslog } from './header.ts'
import { readMessage, trimmedMessage } from './message.ts'

const none: Decoded = {
  ok: false,
  reason: 'no syslog: neither a priority nor a time stands at its beginning',
}

export function decodeSyslog(text: string): Decoded {
  const read = readSyslog(text)
  if (read === undefined) return none
  const { header, warnings } = read
  const message = readMessage(trimmedMessage(read.message))
  return {
    ok: true,
    value: message.value === '' ? header : { ...header, message: message.value },
    warnings: message.warnings.length === 0 ? warnings : [...warnings, ...message.warnings],
    ...((read.partial || message.partial) && { partial: true as const }),
  }
}

/** The message alone, for those who know what is in it, and what stood before it. */
export function openSyslog(text: string): Syslog | undefined {
  const read = readSyslog(text)
  return read && { ...read, message: trimmedMessage(read.message) }
}
