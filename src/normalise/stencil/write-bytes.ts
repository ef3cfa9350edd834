/** Writes into an event's bytes, at a place, and what is known to have room there. */

export function copy(source: DataView, from: number, end: number, view: DataView, at: number): void {
  let to = at
  let next = from
  const safe = Math.min(end, source.byteLength - 3)
  for (; next < safe; next += 4, to += 4) view.setUint32(to, source.getUint32(next, true), true)
  for (; next < end; next++, to++) view.setUint8(to, source.getUint8(next))
}

/** A whole number from 0. */
export function writeNumber(out: Uint8Array, at: number, value: number): number {
  if (value > 0x7fffffff) return writeText(out, at, String(value))
  let end = at + 1
  for (let rest = value; rest > 9; rest = (rest / 10) | 0) end++
  let rest = value
  for (let to = end - 1; to >= at; to--) {
    const tenth = (rest / 10) | 0
    out[to] = 0x30 + rest - tenth * 10
    rest = tenth
  }
  return end
}

/** ASCII. */
export function writeText(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return at + text.length
}
