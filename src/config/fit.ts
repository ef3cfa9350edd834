/**
 * Values from outside arrive as text, and a schema may want something else.
 *
 * A supplied value becomes a number or a boolean only where the schema complains about text, so that a token of
 * digits stays a token. A placeholder (nothing was looked up) tries one form after the other until the schema
 * has nothing against it, so that `validate --no-environment` can check everything else.
 */
import { type JsonSchema, schemaAt } from './json-schema.ts'
import { printPath } from './problem.ts'
import type { Supplied } from './resolve.ts'
import type { Scalar } from './tree.ts'
import type { Issue } from './words.ts'

const forms: readonly Scalar[] = [
  'placeholder',
  'https://placeholder.invalid/',
  '127.0.0.1:0',
  '1s',
  '1MiB',
  1,
  true,
  '0'.repeat(64),
]

/** How many times it pays to check again. */
export const rounds = forms.length + 3

/** Chooses other forms for the values that `issues` are about; false when there is nothing left to try. */
export class Fitting {
  readonly #supplied: ReadonlyMap<string, Supplied>
  readonly #schema: JsonSchema
  readonly #left = new Map<string, Scalar[]>()
  /** The chosen forms, by printed path. */
  readonly chosen = new Map<string, Scalar>()

  constructor(supplied: ReadonlyMap<string, Supplied>, schema: JsonSchema) {
    this.#supplied = supplied
    this.#schema = schema
  }

  next(issues: readonly Issue[], value: unknown): boolean {
    let moved = false
    for (const key of new Set(issues.flatMap((issue) => pathsOf(issue)))) {
      const supplied = this.#supplied.get(key)
      if (supplied === undefined) continue
      const left = this.#left.get(key) ?? this.#formsOf(supplied, value)
      const form = left.shift()
      this.#left.set(key, left)
      if (form === undefined) this.chosen.delete(key)
      else this.chosen.set(key, form)
      moved ||= form !== undefined
    }
    return moved
  }

  #formsOf(supplied: Supplied, value: unknown): Scalar[] {
    if (!supplied.placeholder) return asScalar(supplied.value)
    const place = schemaAt(this.#schema, value, supplied.path)
    const hints = [place?.const, place?.default, ...(place?.enum ?? []), place?.minimum]
    return [...hints.filter(isScalar), ...forms]
  }
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** YAML's own reading of plain numbers and booleans. */
function asScalar(text: string): Scalar[] {
  if (text === 'true' || text === 'false') return [text === 'true']
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text)) return [Number(text)]
  return []
}

/** The printed paths that an issue is about, inside unions too. */
function pathsOf(issue: Issue, before: readonly PropertyKey[] = []): string[] {
  const path = [...before, ...issue.path]
  const own = printPath(path.map((step) => (typeof step === 'number' ? step : String(step))))
  if (issue.code !== 'invalid_union') return [own]
  return [own, ...issue.errors.flatMap((branch) => branch.flatMap((inner) => pathsOf(inner, path)))]
}
