/** Reads one value of a mapping: a path, a list of alternatives, or an object such as `{ path, table, default }`. */
import { constantProblem } from './constant.ts'
import { type At, addProblem, parseReference, takesLists, type ValueContext } from './context.ts'
import type { Candidate, Part, Source, Value } from './mapping.ts'
import { options, parseOptions, parseTimeOptions } from './parse-options.ts'
import { formatPath } from './path.ts'
import { type Placeholder, parseTemplate } from './template.ts'

const sources = ['path', 'field', 'const', 'template', 'all'] as const
const known: readonly string[] = [...sources, ...options]

export function parseValue(raw: unknown, at: At, context: ValueContext): Value {
  if (typeof raw === 'string') {
    const { type } = context
    if (type.kind === 'enum' && type.values.includes(raw)) {
      const path = `read from the record's ${raw} it is { path: ${raw} }`
      context.problems.add(at, `a text is a path; fixed it is { const: ${raw} }, ${path}`)
      return []
    }
    const source = parseReference(raw, at, context, takesLists(context))
    return source === undefined ? [] : [{ source, text: raw, ...parseTimeOptions({}, at, context) }]
  }
  if (Array.isArray(raw)) {
    if (raw.length === 0) context.problems.add(at, 'an empty list of alternatives')
    return raw.flatMap((item, i) => parseValue(item, [...at, i], context))
  }
  if (typeof raw === 'object' && raw !== null) return parseObject({ ...raw }, at, context)
  context.problems.add(
    at,
    `a path, a list or an object belongs here; a fixed value is { const: ${String(raw)} }`,
  )
  return []
}

function parseObject(raw: Readonly<Record<string, unknown>>, at: At, context: ValueContext): Value {
  const { problems } = context
  for (const key of Object.keys(raw)) {
    if (!known.includes(key)) problems.add([...at, key], `unknown key; a value takes ${known.join(', ')}`)
  }
  const given = sources.filter((source) => raw[source] !== undefined)
  if (given.length !== 1) {
    problems.add(at, `a value needs exactly one of ${sources.join(', ')}`)
    return []
  }
  const shared = parseOptions(raw, at, context)
  const candidates = parseSources(given[0]!, raw, at, context).map(
    ({ source, text }): Candidate => ({ source, text, ...shared }),
  )
  if (raw.default === undefined) return candidates
  addProblem(context, [...at, 'default'], constantProblem(raw.default, context.type))
  const fallback: Candidate = { source: { kind: 'const', value: raw.default }, text: 'default' }
  return [...candidates, shared.when === undefined ? fallback : { ...fallback, when: shared.when }]
}

function parseSources(
  kind: (typeof sources)[number],
  raw: Readonly<Record<string, unknown>>,
  at: At,
  context: ValueContext,
): { source: Source; text: string }[] {
  const value = raw[kind]
  const here = [...at, kind]
  if (kind === 'const') {
    addProblem(context, here, constantProblem(value, context.type))
    return [{ source: { kind, value }, text: JSON.stringify(value) ?? 'const' }]
  }
  if (kind === 'all') return parseAll(value, here, context)
  const texts = kind !== 'template' && Array.isArray(value) ? value : [value]
  return texts.flatMap((text: unknown, i) => {
    const place = Array.isArray(value) ? [...here, i] : here
    if (typeof text !== 'string') {
      context.problems.add(place, 'text belongs here')
      return []
    }
    const source =
      kind === 'path'
        ? parseReference(text, place, context, takesLists(context))
        : kind === 'template'
          ? parseTemplateSource(text, place, context)
          : parseField(text, place, context)
    return source === undefined ? [] : [{ source, text }]
  })
}

function parseAll(value: unknown, at: At, context: ValueContext): { source: Source; text: string }[] {
  if (context.type.kind !== 'texts' || !Array.isArray(value)) {
    context.problems.add(at, '`all` is a list of values, for members that are lists of texts')
    return []
  }
  const item: ValueContext = { ...context, type: { kind: 'text' }, isGathered: true }
  const values = value.map((one: unknown, i) => parseValue(one, [...at, i], item))
  return [{ source: { kind: 'all', values }, text: 'all' }]
}

function parseTemplateSource(text: string, at: At, context: ValueContext): Source | undefined {
  const parsed = parseTemplate(text)
  if ('problem' in parsed) {
    context.problems.add(at, parsed.problem)
    return undefined
  }
  const part = (piece: string | Placeholder): Part =>
    typeof piece === 'string'
      ? piece
      : piece.alternatives.flatMap((alternative) => parseReference(alternative, at, context) ?? [])
  return {
    kind: 'template',
    parts: parsed.parts.map((piece) =>
      typeof piece === 'object' && 'optional' in piece ? { optional: piece.optional.map(part) } : part(piece),
    ),
  }
}

/** A path with computed keys: `{$noun}_id`, `{$noun}.id`. A dot separates keys, and what is computed never does. */
function parseField(text: string, at: At, context: ValueContext): Source | undefined {
  const template = parseTemplateSource(text, at, context)
  if (template?.kind !== 'template') return undefined
  const segments: Part[][] = [[]]
  for (const part of template.parts) {
    if (typeof part === 'string') {
      const [first, ...rest] = part.split('.')
      if (first !== '') segments.at(-1)!.push(first!)
      for (const next of rest) segments.push(next === '' ? [] : [next])
    } else if ('optional' in part) {
      context.problems.add(at, 'a computed path takes no optional part')
    } else {
      segments.at(-1)!.push(part)
    }
  }
  if (segments.some((segment) => segment.length === 0) || segments.length > 2) {
    context.problems.add(at, 'a computed path has one or two keys, as in {$noun}_id or {$noun}.id')
    return undefined
  }
  const { under } = context
  const path = { text: formatPath(under), base: 'record' as const, segments: under }
  return { kind: 'field', under: under.length === 0 ? undefined : path, segments }
}
