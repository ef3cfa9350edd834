/** Where the parts stand in an event that its own id is made of, if its producer gave it one. */
import { canonicalize } from '../../event/canonical.ts'
import { producerId } from '../../event/id.ts'
import { holes } from './program.ts'

interface Place {
  readonly at: number
  readonly end: number
  readonly hole: number
}

/** Undefined for an event that has no id from its producer. */
export function producerIdOf(event: Buffer): Place[] | undefined {
  const parsed: unknown = JSON.parse(event.toString())
  const sourceId = textAt(parsed, ['source_event_id'])
  const product = textAt(parsed, ['producer', 'product'])
  if (sourceId === undefined || product === undefined) return undefined
  const id = textAt(parsed, ['id'])
  if (id === undefined || id.text !== producerId(product.text, sourceId.text)) return undefined
  return [
    { at: id.at, end: id.end, hole: holes.producerId },
    { at: product.at, end: product.at, hole: holes.productBegins },
    { at: product.end, end: product.end, hole: holes.productEnds },
    { at: sourceId.at, end: sourceId.at, hole: holes.sourceIdBegins },
    { at: sourceId.end, end: sourceId.end, hole: holes.sourceIdEnds },
  ]
}

/** A text below members, and where its content stands in the canonical bytes of `value`. */
function textAt(
  value: unknown,
  path: readonly string[],
): { readonly text: string; readonly at: number; readonly end: number } | undefined {
  let at = 0
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined
    at += 1
    for (const key of Object.keys(found)) {
      at += lengthOf(key) + 1
      if (key === name) break
      at += lengthOf(Reflect.get(found, key)) + 1
    }
    if (!Object.hasOwn(found, name)) return undefined
    found = Reflect.get(found, name)
  }
  return typeof found === 'string' ? { text: found, at: at + 1, end: at + lengthOf(found) - 1 } : undefined
}

const lengthOf = (value: unknown) => Buffer.byteLength(canonicalize(value))
