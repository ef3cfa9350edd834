/**
 * What auditd and the kernel write of text that somebody else chose: in quotes when it is harmless, in hexadecimal
 * without quotes when it holds quotes, spaces, control characters or bytes beyond ASCII (audit_log_untrustedstring).
 */
import { isUtf8 } from 'node:buffer'

/** The fields that are written like that; elsewhere `1000` is a number. Also the arguments of EXECVE are. */
const untrusted = new Set(
  (
    'acct cgroup cmd comm cwd data device dir exe file grp invalid_context key name new-chardev new-disk new-fs ' +
    'new-net new-rng new_group ocomm old-chardev old-disk old-fs old-net old-rng path proctitle profile root_dir ' +
    'vm watch xdevice'
  ).split(' '),
)

const hexadecimal = /^(?:[0-9A-F]{2})+$/

/** How a value without quotes is written: as its text, or as bytes of which the text has more elsewhere. */
export type Encoding = 'text' | 'bytes'

export function encodingOf(key: string): Encoding | undefined {
  return untrusted.has(key) ? 'text' : undefined
}

/** The same among the fields of EXECVE: `a1`, and of a long argument `a1[0]`. */
export function encodingOfArgument(key: string): Encoding | undefined {
  return /^a\d+$/.test(key) ? 'text' : /^a\d+\[\d+\]$/.test(key) ? 'bytes' : undefined
}

/** The bytes that `value` stands for; undefined where it is not encoded. */
export function encodedBytes(value: string): Buffer | undefined {
  return hexadecimal.test(value) ? Buffer.from(value, 'hex') : undefined
}

/** The bytes that `value` stands for, as characters. */
export function decodeBytes(value: string): string {
  return (encodedBytes(value) ?? Buffer.from(value)).toString('latin1')
}

/** The text that `value` stands for; `value` itself where it is not encoded, or encodes no text. */
export function decodeText(value: string): string {
  const bytes = encodedBytes(value)
  return bytes !== undefined && isUtf8(bytes) ? bytes.toString('utf8') : value
}

/** The parts of a decoded value: arguments end in NUL, keys are joined by SOH. */
export function partsOf(text: string, separator: '\0' | '\x01'): string[] {
  const parts = text.split(separator)
  while (parts.length > 1 && parts.at(-1) === '') parts.pop()
  return parts
}
