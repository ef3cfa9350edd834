/** The published JSON Schema of `audit-event/1`: what `affiant schema event` prints and `schema/` holds. */
import { z } from 'zod'
import { outputEvent } from './audit-event.ts'

/** Draft 2020-12. Valid for every event that leaves the agent, with `log` and, where kept, `raw_data`; and for what `normalize` prints. */
export function auditEventSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(outputEvent(), { target: 'draft-2020-12' })
  return {
    $schema,
    $id: 'urn:affiant:schema:audit-event:1',
    title: 'audit-event/1',
    description:
      'One audit event as Affiant delivers it. A missing value is absent, never null or empty; only free-form members keep whatever the source had.',
    ...schema,
  }
}

/** The file `schema/audit-event-1.schema.json`. */
export function renderAuditEventSchema(): string {
  return `${JSON.stringify(auditEventSchema(), null, 2)}\n`
}
