/** Lines `<CRC-32 of the JSON, 8 hex digits> <JSON>`: one that was torn or damaged is known by it. */
import { crc32 } from 'node:zlib'

/** With its newline. */
export function encodeChecked(value: unknown): string {
  const text = JSON.stringify(value)
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`
}

/** Undefined when it is damaged, or none. */
export function decodeChecked(line: string): unknown {
  const body = line.slice(9)
  if (line[8] !== ' ' || Number.parseInt(line.slice(0, 8), 16) !== crc32(body)) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
