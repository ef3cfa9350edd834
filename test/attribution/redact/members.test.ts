// The table of what may stand where must be the schema's own.
import { expect, test } from 'vitest'
import { eventMembers, type Member, type Members } from '../../../src/attribution/redact/members.ts'
import { auditEventSchema } from '../../../src/event/json-schema.ts'

type Schema = Readonly<Record<string, unknown>>

const root = auditEventSchema() as Schema
/** Joined on the way out: no event has them when it is redacted. */
const later = ['log', 'raw_data']

function resolved(schema: Schema): Schema {
  const { $ref: reference } = schema
  if (typeof reference !== 'string') return schema
  return reference
    .split('/')
    .slice(1)
    .reduce((at, key) => at[key] as Schema, root)
}

function check(members: Members, schema: Schema, path: string): void {
  const properties = schema.properties as Readonly<Record<string, Schema>>
  const required = (schema.required ?? []) as readonly string[]
  expect({ path, names: Object.keys(members).toSorted() }).toEqual({
    path,
    names: Object.keys(properties)
      .filter((name) => path !== '' || !later.includes(name))
      .toSorted(),
  })
  for (const [name, member] of Object.entries(members)) {
    checkMember(member, resolved(properties[name]!), required.includes(name), `${path}.${name}`)
  }
}

function checkMember(member: Member, schema: Schema, required: boolean, path: string): void {
  const enumerated = schema.enum as readonly string[] | undefined
  const { type, additionalProperties } = schema
  switch (member.kind) {
    case 'fixed':
      return
    case 'text':
      expect([path, type, enumerated, schema.pattern, required]).toEqual([
        path,
        'string',
        undefined,
        undefined,
        member.required,
      ])
      return
    case 'word':
      expect(enumerated, path).toContain(member.fallback)
      return
    case 'plain':
      expect([path, required]).toEqual([path, false])
      return
    case 'texts':
      expect([path, type, resolved(schema.items as Schema).type, required]).toEqual([
        path,
        'array',
        'string',
        false,
      ])
      return
    case 'any':
      expect([path, type, required]).toEqual([path, undefined, false])
      return
    case 'free':
      expect([path, type, required]).toEqual([path, 'object', false])
      expect(additionalProperties, path).not.toBe(false)
      return
    case 'object':
      check(member.members, schema, path)
      return
    default:
      expect([path, type, required]).toEqual([path, 'array', member.required])
      check(member.of, resolved(schema.items as Schema), path)
  }
}

test('every member of the schema, with what it requires', () => {
  check(eventMembers, root, '')
})
