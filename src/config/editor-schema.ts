/**
 * The JSON Schema as editors need it: they see files before interpolation, so a reference may stand wherever a
 * scalar is restricted. Without this, `${PORT:-4318}` would be underlined wherever it is most useful.
 */
import type { JsonSchema } from './json-schema.ts'

const reference: JsonSchema = {
  type: 'string',
  pattern: String.raw`\$\{[^}]+\}`,
  description: 'A value from outside: an environment variable, or the content of a file',
}

export function editorSchema(schema: JsonSchema): JsonSchema {
  return { ...withReferences(schema), definitions: { ...schema.definitions, reference } }
}

function withReferences(schema: JsonSchema): JsonSchema {
  if (isRestrictedScalar(schema)) {
    const { title, description, default: preset, ...rest } = schema
    return {
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(preset === undefined ? {} : { default: preset }),
      anyOf: [rest, { $ref: '#/definitions/reference' }],
    }
  }
  const { properties, additionalProperties, items, anyOf, oneOf, allOf } = schema
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: mapValues(properties) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: withReferences(additionalProperties) }
      : {}),
    ...(items === undefined ? {} : { items: withReferences(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(withReferences) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(withReferences) }),
    ...(allOf === undefined ? {} : { allOf: allOf.map(withReferences) }),
  }
}

const mapValues = (schemas: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, withReferences(schema)]))

/** Anything but plain text: a `type: file` stays as it is, since editors choose the branch by it. */
function isRestrictedScalar(schema: JsonSchema): boolean {
  if (schema.const !== undefined) return false
  if (schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean') return true
  const { enum: options, pattern, format } = schema
  return schema.type === 'string' && (options ?? pattern ?? format) !== undefined
}
