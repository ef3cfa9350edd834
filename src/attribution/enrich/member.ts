/** Members of an event that an enricher may read or set, and what each takes: as the schema has them. */
import type { z } from 'zod'
import { auditEvent } from '../../event/audit-event.ts'
import { didYouMean } from '../member-names.ts'

/** Times, ids, positions and proofs are the record's and the agent's own. */
const settableGroups = new Set([
  'action',
  'actor',
  'category',
  'credential',
  'message',
  'metadata',
  'operation',
  'outcome',
  'producer',
  'request',
  'session',
  'severity',
  'source',
])

/** Every event has one: where the record names none, the receiver's name stands for it. A mapping can say otherwise. */
const alwaysThere = 'producer.product'

/** What a free member takes, for messages. */
export const freeValues =
  'text, numbers, true, false, and lists and objects of these, of which no two names are numbers'

/** What a value for a member must be; undefined where it is not. */
export type Fit = (value: unknown) => unknown

/** `metadata.<name>`: a name that keeps its place in any JavaScript object. */
const metadataMember = /^metadata\.[A-Za-z_][A-Za-z0-9_-]{0,127}$/

/**
 * How values for this member are made to fit, or undefined when no enricher may set it.
 *
 * @param separator what parts the elements where a list is written as one text
 */
export function memberFit(member: string, separator = ';'): Fit | undefined {
  const path = member.split('.')
  if (!settableGroups.has(path[0] ?? '') || member === alwaysThere) return undefined
  if (path[0] === 'metadata') return metadataMember.test(member) ? (value) => fitFree(value) : undefined
  const schema = schemaAt(path)
  if (schema === undefined || schema.def.type === 'object') return undefined
  return (value) => {
    const read = fromText(schema, value, separator)
    const result = read === undefined ? undefined : schema.safeParse(read)
    return result?.success ? result.data : undefined
  }
}

/** What is wrong with the name of a member to look at, or undefined. */
export function readableProblem(member: string): string | undefined {
  const path = member.split('.')
  const [first = '', second] = path
  const free = (first === 'metadata' || first === 'unmapped') && second !== undefined && !path.includes('')
  const schema = free ? undefined : schemaAt(path)
  if (free || isOneValue(schema)) return undefined
  const guess = didYouMean(member, (name) => isOneValue(schemaAt(name.split('.'))))
  return `${JSON.stringify(member)} is no member of an event that holds one value${guess || ', such as actor.id'}`
}

const isOneValue = (schema: Schema | undefined): boolean =>
  schema !== undefined && schema.def.type !== 'object' && schema.def.type !== 'array'

/** Members that are asked for are those of the configuration: few. */
const paths = new Map<string, readonly string[]>()

function pathOf(member: string): readonly string[] {
  let path = paths.get(member)
  if (path === undefined) {
    path = member.split('.')
    paths.set(member, path)
  }
  return path
}

/** What an event has at a dotted path. */
export function readMember(event: Readonly<Record<string, unknown>>, member: string): unknown {
  let value: unknown = event
  for (const name of pathOf(member)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

/** What is wrong with the name of a member to look at that may hold anything, or undefined. */
export function placeProblem(member: string): string | undefined {
  if (/^(?:metadata|unmapped)(?:\.[^.]+)+$/.test(member) || readableProblem(member) === undefined)
    return undefined
  const guess = didYouMean(member, (name) => readableProblem(name) === undefined)
  return `${JSON.stringify(member)} is no member of an event${guess || ', such as unmapped.headers.authorization'}`
}

type Schema = z.ZodType & { readonly def: { readonly type: string } }

function schemaAt(path: readonly string[]): Schema | undefined {
  let at: Schema | undefined = auditEvent() as Schema
  for (const name of path) {
    const shape: unknown = at === undefined ? undefined : Reflect.get(at, 'shape')
    if (typeof shape !== 'object' || shape === null || !Object.hasOwn(shape, name)) return undefined
    at = unwrapped(Reflect.get(shape, name) as Schema)
  }
  return at
}

function unwrapped(schema: Schema): Schema {
  let inner = schema
  while ('innerType' in inner.def) inner = inner.def.innerType as Schema
  return inner
}

/** Tables and configurations often hold text only: what a member takes decides what it is read as. */
function fromText({ def }: Schema, value: unknown, separator: string): unknown {
  switch (def.type) {
    case 'string':
    case 'enum':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
    case 'number':
      return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : value
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value
    case 'array': {
      const items = typeof value === 'string' ? value.split(separator).map((item) => item.trim()) : value
      if (!Array.isArray(items)) return undefined
      const texts = items
        .filter((item) => item !== '')
        .map((item) => (typeof item === 'number' ? String(item) : item))
      return texts.length === 0 ? undefined : texts
    }
    default:
      return undefined
  }
}

/** Deeper values than anybody writes into a table by hand. */
const deepestFree = 16

/** Free-form: anything JSON but what absence looks like; objects with their members in canonical order. */
function fitFree(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'object' || value === null || depth === deepestFree) return undefined
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => fitFree(item, depth + 1))
    return items.length === 0 || items.includes(undefined) ? undefined : items
  }
  const members = Object.entries(value)
    // What says nothing is absent.
    .filter(([, member]) => member !== null && member !== '')
    .map(([name, member]): [string, unknown] => [name, fitFree(member, depth + 1)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const isWrong = ([name, member]: [string, unknown]) => member === undefined || !name.isWellFormed()
  if (members.length === 0 || members.some(isWrong)) return undefined
  const sorted = Object.fromEntries(members)
  // Names that are numbers have an order of their own in every object of JavaScript.
  return Object.keys(sorted).every((name, i) => name === members[i]![0]) ? sorted : undefined
}
