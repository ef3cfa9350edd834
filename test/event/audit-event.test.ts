import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { auditEvent, outputEvent } from '../../src/event/audit-event.ts'
import { auditEventSchema, renderAuditEventSchema } from '../../src/event/json-schema.ts'
import { fullEvent, leastEvent } from './sample-events.ts'

const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(
  auditEventSchema(),
)
const log = { origin: 'affiant/node-1/1', seq: 0, size: 1000 }

/** Whether both, the published schema and the code's, take an event; they must agree. */
function takes(event: unknown): boolean {
  const published = validate(event)
  expect(outputEvent().safeParse(event).success).toBe(published)
  return published
}

/** `fullEvent` with one member, given by its path, set or (undefined) taken away. */
function changed(path: string, value: unknown): unknown {
  const event = structuredClone({ ...fullEvent, raw_data: 'x', log }) as Record<string, unknown>
  const steps = path.split('.')
  let at: Record<string, unknown> = event
  for (const step of steps.slice(0, -1)) at = at[step] as Record<string, unknown>
  const last = steps.at(-1)!
  if (value === undefined) delete at[last]
  else at[last] = value
  return event
}

describe('audit-event/1', () => {
  test('takes the least event and the fullest, with log and raw_data', () => {
    expect(takes({ ...leastEvent, log })).toBe(true)
    expect(takes({ ...fullEvent, raw_data: '', log })).toBe(true)
    // As `affiant normalize` prints it: in no journal.
    expect(takes(leastEvent)).toBe(true)
  })

  test('the full sample leaves no member out, at any level', () => {
    const paths = (value: unknown, prefix: string): string[] => {
      if (Array.isArray(value)) return paths(value[0], `${prefix}[]`)
      if (
        typeof value !== 'object' ||
        value === null ||
        /attributes|metadata|unmapped|\.(old|new)/.test(prefix)
      ) {
        return [prefix]
      }
      return Object.entries(value).flatMap(([key, member]) => paths(member, `${prefix}.${key}`))
    }
    const declared = (schema: z.core.$ZodType, prefix: string): string[] => {
      if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodOptional) {
        return declared(schema.unwrap(), prefix)
      }
      if (schema instanceof z.ZodArray) return declared(schema.element, `${prefix}[]`)
      if (!(schema instanceof z.ZodObject)) return [prefix]
      return Object.entries(schema.shape).flatMap(([key, member]) =>
        declared(member as z.core.$ZodType, `${prefix}.${key}`),
      )
    }
    expect(paths(fullEvent, '').toSorted()).toEqual(declared(auditEvent(), '').toSorted())
  })

  test('declares the members of every object in canonical order', () => {
    const check = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return
      if ('properties' in schema) {
        const keys = Object.keys(schema.properties as object).filter(
          (key) => key !== 'log' && key !== 'raw_data',
        )
        expect(keys).toEqual(keys.toSorted())
      }
      Object.values(schema).forEach(check)
    }
    check(auditEventSchema())
  })

  test.each(Object.keys(leastEvent))('does without no %s', (member) => {
    expect(takes(changed(member, undefined))).toBe(false)
  })

  test.each([
    ['colour', 'red'],
    ['actor.colour', 'red'],
    ['actor.name', ''],
    ['actor.name', null],
    ['actor.type', 'robot'],
    ['actor.groups', []],
    ['message', ''],
    ['targets', []],
    ['quality.warnings', []],
    ['attribution.missing', []],
    ['time', '2026-11-23T11:00:00.000Z'],
    ['time', '2026-11-23T11:00:00.000000000+00:00'],
    ['time', '2026-11-23T24:00:00.000000000Z'],
    ['id', '019A92C1-3F00-7ABC-8DEF-0123456789AB'],
    ['severity', 25],
    ['severity', 1.5],
    ['schema', 'audit-event/2'],
    ['provenance.stream', 'file'],
    ['provenance.offset', -1],
    ['raw.sha256', 'abc'],
    ['source.port', 65_536],
    ['log.size', undefined],
    ['raw_data', null],
  ])('refuses %s: %j', (path, value) => {
    expect(takes(changed(path, value))).toBe(false)
  })

  test.each([
    ['metadata', {}],
    ['metadata', { a: null, b: '', c: [{}], __proto__x: 1 }],
    ['unmapped', { deep: { deeper: [null, ''] } }],
    ['changes', [{ old: null, new: '' }]],
    ['integrity.sequence.number', '18446744073709551615'],
    ['targets', [{ attributes: { x: null } }]],
    ['scope', []],
    ['raw_data', undefined],
  ])('takes %s: %j', (path, value) => {
    expect(takes(changed(path, value))).toBe(true)
  })

  test('a record is found by its bytes or by its index', () => {
    const { agent, receiver, stream } = fullEvent.provenance
    const provenance = (where: object) =>
      validate(changed('provenance', { agent, receiver, stream, ...where }))
    expect(provenance({ index: 0 })).toBe(true)
    expect(provenance({ offset: 0, length: 1 })).toBe(true)
    expect(provenance({ offset: 0, length: 1, index: 2 })).toBe(true)
    expect(provenance({})).toBe(false)
    expect(provenance({ offset: 0 })).toBe(false)
    expect(provenance({ index: 0, length: 1 })).toBe(false)
  })

  test('schema/audit-event-1.schema.json is what the code says', () => {
    const published = new URL('../../schema/audit-event-1.schema.json', import.meta.url)
    expect(readFileSync(published, 'utf8')).toBe(renderAuditEventSchema())
  })
})
