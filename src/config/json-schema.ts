/** The configuration's JSON Schema: for editors, for the generated reference, and to find what is allowed at a path. */
import { z } from 'zod'
import type { Path } from './problem.ts'
import { inUnits } from './values.ts'

/** The part of JSON Schema (draft 7) that our schemas turn into. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly definitions?: Readonly<Record<string, JsonSchema>>
}

/** Draft 7 is what YAML editors read best. Describes what people write, not what schemas make of it. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const rendered: unknown = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // A default given as a number of milliseconds or bytes is shown as people would write it.
      const definition = zodSchema._zod.def
      if (definition.type === 'default' && typeof definition.defaultValue === 'number') {
        const written = inUnits(jsonSchema.title, definition.defaultValue)
        if (written !== undefined) jsonSchema.default = written
      }
      // The bounds of whole numbers in JavaScript say nothing to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return rendered as JsonSchema
}

/** The schema of the place `path` in `value`; the value decides between the branches of a union. */
export function schemaAt(root: JsonSchema, value: unknown, path: Path): JsonSchema | undefined {
  let schema: JsonSchema | undefined = select(root, root, value)
  let here = value
  for (const step of path) {
    if (schema === undefined) return undefined
    here = memberOf(here, step)
    const next: JsonSchema | undefined =
      typeof step === 'number'
        ? schema.items
        : (schema.properties?.[step] ??
          (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined))
    schema = next === undefined ? undefined : select(root, next, here)
  }
  return schema
}

export function memberOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined
}

/** `schema` without references and unions: the branch that fits `value` best. */
function select(root: JsonSchema, schema: JsonSchema, value: unknown): JsonSchema {
  const target = dereference(root, schema)
  const branches = target.oneOf ?? target.anyOf
  if (branches === undefined) return target
  const candidates = branches.map((branch) => select(root, branch, value))
  return (
    candidates.find((branch) => constantsFit(branch, value) === true) ??
    candidates.find((branch) => constantsFit(branch, value) === undefined && typeFits(branch, value)) ??
    target
  )
}

function dereference(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const { $ref, ...rest } = schema
  if ($ref === undefined) return schema
  if ($ref === '#') return root
  const target = root.definitions?.[$ref.replace('#/definitions/', '')]
  return target === undefined ? schema : { ...dereference(root, target), ...rest }
}

/** Whether the members that a branch fixes (`type: file`) are as it says; undefined when it fixes none. */
function constantsFit(branch: JsonSchema, value: unknown): boolean | undefined {
  const fixed = Object.entries(branch.properties ?? {}).filter(([, member]) => member.const !== undefined)
  if (fixed.length === 0) return undefined
  return fixed.every(([key, member]) => memberOf(value, key) === member.const)
}

function typeFits(branch: JsonSchema, value: unknown): boolean {
  if (Array.isArray(value)) return branch.type === 'array'
  if (typeof value === 'object' && value !== null) return branch.type === 'object'
  if (typeof value === 'number') return branch.type === 'number' || branch.type === 'integer'
  return branch.type === typeof value
}
