/** Records laid out as a receiver does it, whatever they say. */
import type { LaidOut, RecordLayout, RecordValues } from '../../src/event/record-layout.ts'
import { type AroundLayout, aroundOf } from '../../src/receivers/otlp/around-layout.ts'

const layouts = new Map<AroundLayout, RecordLayout>()

export function layOut(records: readonly object[]): {
  readonly laidOut: LaidOut[]
  readonly values: RecordValues
} {
  const bytes: Uint8Array[] = []
  const places: number[] = []
  let length = 0
  const laidOut = records.map((record) => {
    const parts = aroundOf(record, undefined)!
    const first = places.length / 2
    places.push(...parts.places.map((place) => length + place))
    bytes.push(parts.bytes)
    length += parts.bytes.length
    return { layout: layoutOf(parts.layout), first }
  })
  return { laidOut, values: { bytes: new Uint8Array(Buffer.concat(bytes)), places: Int32Array.from(places) } }
}

function layoutOf(known: AroundLayout): RecordLayout {
  const made = layouts.get(known)
  if (made !== undefined) return made
  const literals = known.literals.map((literal, i) => Buffer.from(i === 0 ? `{${literal}` : literal))
  let end = 0
  const ends = literals.map((literal) => {
    end += literal.length
    return end
  })
  const layout = {
    number: layouts.size,
    literals: new Uint8Array(Buffer.concat(literals)),
    ends: Int32Array.from(ends),
    order: Int32Array.from(literals.slice(1).keys()),
  }
  layouts.set(known, layout)
  return layout
}
