import { expect, test } from 'vitest'
import { auditEvent } from '../../src/event/audit-event.ts'
import { eventFields } from '../../src/routing/event-fields.ts'
import { eventVariables } from '../../src/routing/event-variables.ts'

test('the variables are the members of the event schema', () => {
  const members = Object.keys(auditEvent().shape).sort()
  expect(Object.keys(eventVariables).sort()).toEqual(members)
  expect(Object.keys(eventFields()).sort()).toEqual(members)
})

test('closed where the schema is, open where it is free-form, items in lists', () => {
  const fields = eventFields()
  expect(fields.action).toEqual({})
  expect(fields.unmapped).toBe(true)
  expect(fields.metadata).toBe(true)
  expect(fields.outcome).toEqual({ code: {}, reason: {}, result: {} })
  expect(fields.targets).toMatchObject({ '[]': { type: {}, id: {}, attributes: true } })
  expect(fields.actor).toMatchObject({ groups: { '[]': {} }, id: {} })
  expect(fields.integrity).toMatchObject({ sequence: { number: {} } })
  expect(fields.changes).toMatchObject({ '[]': { new: true, old: true, path: {} } })
})
