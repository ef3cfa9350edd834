/** Records of the audit signal as OTLP's JSON has them, right in everything unless a test says otherwise. */
import type { RequestObject } from '../oracle.ts'

export type Any = Readonly<Record<string, unknown>>

export const text = (value: string): Any => ({ stringValue: value })

export const uuid = (n: number) => `0193f1c8-3b5e-4c59-8d7e-${String(n).padStart(12, '0')}`

/** Nothing that could be better. */
const complete: Readonly<Record<string, Any>> = {
  'audit.actor.id': text('u_42'),
  'audit.actor.type': text('user'),
  'audit.action': text('APPROVE'),
  'audit.outcome': text('success'),
  'audit.target.id': text('o_1001'),
  'audit.target.type': text('order'),
  'audit.schema.version': text('1.0.0'),
}

const pairs = (attributes: Readonly<Record<string, Any | undefined>>) =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]))

/** `attributes` are added to the complete ones, or take their place; undefined takes one out. `more`: other members. */
export function record(
  n: number,
  attributes: Readonly<Record<string, Any | undefined>> = {},
  more: Readonly<Record<string, unknown>> = {},
): RequestObject {
  return {
    timeUnixNano: '1795417113120000000',
    observedTimeUnixNano: '1795417113120400000',
    eventName: 'order.approve',
    attributes: pairs({ 'audit.record.id': text(uuid(n)), ...complete, ...attributes }),
    ...more,
  }
}

export function request(
  logRecords: readonly RequestObject[],
  resource: Readonly<Record<string, Any | undefined>> = { 'service.name': text('shop') },
): RequestObject {
  return { resourceLogs: [{ resource: { attributes: pairs(resource) }, scopeLogs: [{ logRecords }] }] }
}
