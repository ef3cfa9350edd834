/** `affiant schema config|event`: the JSON Schemas, as they are published. */
import { renderConfigSchema } from '../agent/config.ts'
import { nearest } from '../cel/nearest.ts'
import { renderAuditEventSchema } from '../event/json-schema.ts'

interface Output {
  write(text: string): unknown
}

const schemas: Readonly<Record<string, () => string>> = {
  config: renderConfigSchema,
  event: renderAuditEventSchema,
}

/** 0, or 64 when there is no such schema. */
export function schemaCommand(which: string, out: Output, err: Output): 0 | 64 {
  const render = Object.hasOwn(schemas, which) ? schemas[which] : undefined
  if (render === undefined) {
    const guess = nearest(which, Object.keys(schemas))
    err.write(
      `there is no schema ${JSON.stringify(which)}.${guess === undefined ? '' : ` Did you mean ${guess}?`}`,
    )
    err.write(` Allowed: ${Object.keys(schemas).join(', ')}\n`)
    return 64
  }
  out.write(render())
  return 0
}
