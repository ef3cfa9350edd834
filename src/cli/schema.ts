/** `affiant schema config|event`: the JSON Schemas, as they are published. */
import { renderConfigSchema } from '../agent/config-schema.ts'
import { nearest } from '../cel/nearest.ts'
import { AffiantError } from '../errors.ts'
import { renderAuditEventSchema } from '../event/json-schema.ts'

const schemas: Readonly<Record<string, () => string | Promise<string>>> = {
  config: renderConfigSchema,
  event: renderAuditEventSchema,
}

/** @throws AffiantError usage for a name that no schema has */
export async function schemaText(which: string): Promise<string> {
  if (Object.hasOwn(schemas, which)) return await schemas[which]!()
  const guess = nearest(which, Object.keys(schemas))
  throw new AffiantError('usage', `there is no schema ${JSON.stringify(which)}`, {
    hint: `${guess === undefined ? '' : `did you mean ${guess}? `}there are ${Object.keys(schemas).join(', ')}`,
  })
}
