/**
 * `expand`: a text member that holds JSON, pairs or the like is replaced by what it holds, before anything is mapped. What
 * is not what it should be stays the text it is, with a warning; where it is JSON that was cut off, some of the record
 * could not be read.
 */
import { indexWhere, own } from './compile/fit.ts'
import type { Decoded } from './decode/decoder.ts'
import { createDecoder } from './decode/decoders.ts'
import { decodeJsonMember, maxRecordDepth } from './decode/json.ts'
import type { Lossless } from './decode/lossless.ts'
import type { Expansion } from './mapping/mapping.ts'
import type { Step } from './mapping/path.ts'
import { setMember } from './set-member.ts'

type Value = Readonly<Record<string, unknown>>

/** Characters. A longer text stays one: what it would become is several times as large. */
const maxLength = 1024 * 1024

export interface Expanded {
  readonly record: Value
  /** For `quality.warnings`: they name paths, and nothing of a text. */
  readonly warnings: readonly string[]
  /** Some of it could not be read. */
  readonly partial: boolean
}

/** @param redacted keys that a mapping cannot read: what lies there is left to redaction */
export function createExpander(
  expansions: readonly Expansion[],
  redacted: (key: string) => boolean,
): ((record: Value) => Expanded) | undefined {
  const readable = expansions.filter(
    ({ path }) =>
      !path.segments.some(
        (step) => typeof step !== 'number' && redacted(typeof step === 'string' ? step : step.key),
      ),
  )
  if (readable.length === 0) return undefined
  const changes = readable.map(({ path, as }) => ({ path, read: readerOf(path.segments.length, as) }))
  return (record) => {
    const warnings: string[] = []
    let partial = false
    let result: unknown = record
    for (const { path, read } of changes) {
      result = replaceAt(result, path.segments, 0, (value) => {
        if (typeof value !== 'string' || value === '') return value
        const decoded =
          value.length > maxLength
            ? ({ ok: false, reason: `it is longer than ${maxLength} characters` } as const)
            : read(value)
        if (isPartial(decoded)) partial = true
        if (!decoded.ok) {
          warnings.push(`kept as text, ${decoded.reason}: ${path.text}`)
          return value
        }
        for (const warning of decoded.warnings) warnings.push(`${warning} (within ${path.text})`)
        return decoded.value
      })
    }
    return { record: result as Value, warnings, partial }
  }
}

type Read = (text: string) => Lossless | Decoded

const isPartial = (decoded: Lossless | Decoded): boolean =>
  ('torn' in decoded && decoded.torn === true) || ('partial' in decoded && decoded.partial === true)

/** @param depth levels that the text is below */
function readerOf(depth: number, as: Expansion['as']): Read {
  if (as.name === 'json') return (text) => decodeJsonMember(text, maxRecordDepth - depth)
  return createDecoder(as).decode
}

/** `container` with a changed value at a path; itself when nothing is there, or nothing was changed. */
function replaceAt(
  container: unknown,
  steps: readonly Step[],
  at: number,
  change: (value: unknown) => unknown,
): unknown {
  const step = steps[at]
  if (step === undefined) return change(container)
  if (Array.isArray(container)) {
    const index = typeof step === 'object' ? indexWhere(container, step.key, step.equals) : Number(step)
    if (!(index >= 0 && index < container.length)) return container
    const item: unknown = container[index]
    const changed = replaceAt(item, steps, at + 1, change)
    return changed === item ? container : container.with(index, changed)
  }
  if (typeof step !== 'string') return container
  const member = own(container, step)
  if (member === undefined) return container
  const changed = replaceAt(member, steps, at + 1, change)
  if (changed === member) return container
  const copy: Record<string, unknown> = { ...(container as Value) }
  setMember(copy, step, changed)
  return copy
}
