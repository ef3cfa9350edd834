/** Finds the values of a `log_line_prefix` in bytes: as `readPrefix` takes them, for the escapes that are in wide use. */
import { hasAt } from './audit-fields.ts'
import type { LinePrefix } from './line-prefix.ts'

const digit = (byte: number) => byte >= 0x30 && byte <= 0x39
const letter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
/** `0000-00-00 00:00:00`, a digit for each 0. */
const stamp = Buffer.from('0000-00-00 00:00:00')
const unknown = Buffer.from('[unknown]')

/** No such prefix; and one that takes more than bytes to tell. */
export const noPrefix = -1
export const unsure = -2

/** Where a form ends that begins at `at`; `noPrefix` where it is none. */
type FormEnd = (bytes: Uint8Array, at: number, end: number) => number

const digitsEnd: FormEnd = (bytes, at, end) => {
  let to = at
  while (to < end && digit(bytes[to]!)) to++
  return to > at ? to : -1
}

const stampEnd: FormEnd = (bytes, at, end) => {
  if (at + stamp.length > end) return -1
  for (let i = 0; i < stamp.length; i++) {
    const byte = bytes[at + i]!
    if (stamp[i] === 0x30 ? !digit(byte) : byte !== stamp[i]) return -1
  }
  return at + stamp.length
}

/** A word; an offset is left to the decoder. */
const zoneEnd: FormEnd = (bytes, at, end) => {
  if (at >= end || bytes[at] !== 0x20) return -1
  if (bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d) return unsure
  let to = at + 1
  while (to < end && letter(bytes[to]!)) to++
  return to > at + 1 ? to : -1
}

const secondEnd: FormEnd = (bytes, at, end) => {
  const to = stampEnd(bytes, at, end)
  return to < 0 ? -1 : zoneEnd(bytes, to, end)
}

const fractionEnd: FormEnd = (bytes, at, end) => {
  const to = stampEnd(bytes, at, end)
  if (to < 0 || to >= end || bytes[to] !== 0x2e) return -1
  const fraction = digitsEnd(bytes, to + 1, end)
  return fraction < 0 ? -1 : zoneEnd(bytes, fraction, end)
}

interface Step {
  readonly text: Uint8Array | undefined
  readonly form: FormEnd | undefined
  readonly key: string
  /** Behind free text; empty at the end of the prefix. */
  readonly until: Uint8Array
  readonly isLast: boolean
  readonly isSession: boolean
}

export class PrefixPlaces {
  readonly names: string[] = []
  readonly #steps: readonly Step[]

  private constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  /** Undefined for prefixes with other escapes. */
  static for(tokens: LinePrefix): PrefixPlaces | undefined {
    const steps: Step[] = []
    for (const [i, token] of tokens.entries()) {
      const next = tokens[i + 1]
      const step = { text: undefined, form: undefined, key: '', until: none, isLast: false, isSession: false }
      if (token.kind === 'text') steps.push({ ...step, text: Buffer.from(token.text) })
      else if (token.kind === 'session') steps.push({ ...step, isSession: true })
      else if (token.kind === 'form') {
        const form = formOf(token.key, token.form)
        if (form === undefined) return undefined
        steps.push({ ...step, form, key: token.key })
      } else {
        if (token.padded || token.key === 'connection_from') return undefined
        const until = next?.kind === 'text' ? Buffer.from(next.text) : none
        steps.push({ ...step, key: token.key, until, isLast: i + 2 === tokens.length })
      }
    }
    return new PrefixPlaces(steps)
  }

  /** How many values the bytes have, whose places and `names` are then known; else `noPrefix` or `unsure`. */
  find(bytes: Uint8Array, start: number, end: number, places: Int32Array): number {
    const { names } = this
    let count = 0
    let at = start
    for (let i = 0; i < this.#steps.length; i++) {
      const { text, form, key, until, isLast, isSession } = this.#steps[i]!
      if (isSession) {
        if (at === end) return count
        continue
      }
      if (text !== undefined) {
        if (!hasAt(bytes, at, end, text)) return -1
        at += text.length
        continue
      }
      const to = form === undefined ? textEnd(bytes, at, end, until, isLast) : form(bytes, at, end)
      if (to < at) return to === unsure ? unsure : noPrefix
      if (form !== undefined || !isNothing(bytes, at, to)) {
        places[2 * count] = at
        places[2 * count + 1] = to
        names[count++] = key
      }
      at = to
    }
    return at === end ? count : -1
  }
}

const none = new Uint8Array()

function formOf(key: string, { source }: RegExp): FormEnd | undefined {
  if (source.startsWith(' *')) return undefined
  if (source === String.raw`(\d+)`) return digitsEnd
  if (key !== 'timestamp' && key !== 'session_start') return undefined
  if (!source.includes('[A-Za-z]')) return undefined
  return source.includes(String.raw`\.\d+`) ? fractionEnd : secondEnd
}

function isNothing(bytes: Uint8Array, from: number, to: number): boolean {
  return to === from || (to - from === unknown.length && hasAt(bytes, from, to, unknown))
}

/** Where free text ends: at what stands behind it, or at the last of that if it ends the prefix. */
function textEnd(bytes: Uint8Array, at: number, end: number, until: Uint8Array, isLast: boolean): number {
  if (until.length === 0) return end
  if (isLast)
    return end - until.length >= at && hasAt(bytes, end - until.length, end, until) ? end - until.length : -1
  for (let to = at; to + until.length <= end; to++) if (hasAt(bytes, to, end, until)) return to
  return -1
}
