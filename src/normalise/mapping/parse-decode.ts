/** Reads `decode` and `expand`: how texts are taken apart before anything is mapped. */
import { asError } from '../../errors.ts'
import { createDecoder, type Decoding } from '../decode/decoders.ts'
import type { Problems } from './context.ts'
import type { Expansion } from './mapping.ts'
import { parsePath } from './path.ts'

type At = readonly (string | number)[]

const json: Decoding = { name: 'json', options: {} }

/** `NAME`, or `{ NAME: { option: value } }`, or `{ NAME: value }` for the option that is called as the decoder. */
export function parseDecode(raw: unknown, problems: Problems): Decoding {
  return raw === undefined ? json : (parseDecoding(raw, ['decode'], problems) ?? json)
}

function parseDecoding(raw: unknown, at: At, problems: Problems): Decoding | undefined {
  const [name, ...others] = isObject(raw) ? Object.keys(raw) : [raw]
  if (typeof name !== 'string' || others.length > 0) {
    problems.add(at, `a decoder's name belongs here, or one name with its options`)
    return undefined
  }
  const given = isObject(raw) ? (raw[name] ?? {}) : {}
  const decoding = { name, options: isObject(given) ? given : { [name]: given } }
  try {
    createDecoder(decoding)
    return decoding
  } catch (thrown) {
    problems.add(isObject(raw) ? [...at, name] : at, asError(thrown).message)
    return undefined
  }
}

/** `[{ path: message, as: json }]`: in this order, so that one can lie within another. */
export function parseExpand(raw: unknown, problems: Problems): readonly Expansion[] {
  if (raw === undefined) return []
  const expansions: unknown[] = Array.isArray(raw) ? raw : [raw]
  return expansions.flatMap((expansion, i) => {
    const at = Array.isArray(raw) ? ['expand', i] : ['expand']
    if (!isObject(expansion)) {
      problems.add(at, 'an object belongs here, with `path` and `as`')
      return []
    }
    for (const key of Object.keys(expansion)) {
      if (key !== 'path' && key !== 'as') problems.add([...at, key], 'unknown; there are path, as')
    }
    const parsed =
      typeof expansion.path === 'string' ? parsePath(expansion.path) : { problem: 'a path belongs here' }
    if ('problem' in parsed) problems.add([...at, 'path'], parsed.problem)
    const as = parseDecoding(expansion.as, [...at, 'as'], problems)
    return 'path' in parsed && as !== undefined ? [{ path: parsed.path, as }] : []
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
