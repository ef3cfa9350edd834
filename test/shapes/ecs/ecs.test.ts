// What the ecs shape writes is made of ECS's fields, types and values, and says what the event says.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/event/audit-event.ts'
import { ecs } from '../../../src/shapes/ecs/ecs.ts'
import { fullEvent, leastEvent } from '../../event/sample-events.ts'
import { anyEvent, linesOfSample, lineWith, sampleFiles } from '../events.ts'

type Members = Readonly<Record<string, unknown>>

const table = (file: string) =>
  new Map(
    readFileSync(join(import.meta.dirname, '../../fixtures/ecs', file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t') as [string, string]),
  )
const fields = table('9.4.0.tsv')
const categories = table('categories-9.4.0.tsv')

const written = (event: AuditEvent): Members => JSON.parse(ecs.write(lineWith(event))) as Members

const isMap = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What ECS has against a document. What stands under `affiant` is ours. */
function problemsOf(document: Members): string[] {
  const problems = fieldsIn(document, '')
    .filter(([name]) => !name.startsWith('affiant.'))
    .flatMap(([name, value]) => fieldProblems(name, value))
  const { category, type } = document.event as { category: string[]; type: string[] }
  const allowed = category.flatMap((each) => categories.get(each)?.split(' ') ?? [])
  for (const each of type)
    if (!allowed.includes(each)) problems.push(`${category.join()} has no type ${each}`)
  return problems
}

function fieldsIn(members: Members, path: string): [string, unknown][] {
  return Object.entries(members).flatMap(([name, value]): [string, unknown][] => {
    const field = path + name
    return isMap(value) && !fields.has(field) ? fieldsIn(value, `${field}.`) : [[field, value]]
  })
}

/** `user.group.name` has one value by ECS, and as many as there are groups here: indices take lists everywhere. */
const listedAnyway = new Set(['user.group.name'])

function fieldProblems(name: string, value: unknown): string[] {
  const type = fields.get(name)
  if (type === undefined) return [`${name} is no field of ECS`]
  const wantsList = type.endsWith('[]')
  if (wantsList !== Array.isArray(value) && !listedAnyway.has(name))
    return [`${name} has the wrong number of values`]
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values
    .filter((each) => !isOf(type.replace('[]', ''), each))
    .map((each) => `${name} is no ${type}: ${JSON.stringify(each)}`)
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'ip') return typeof value === 'string' && isIP(value) !== 0
  if (type === 'long') return Number.isSafeInteger(value)
  if (type === 'date') return typeof value === 'string' && !Number.isNaN(Date.parse(value))
  if (type === 'geo_point')
    return isMap(value) && typeof value.lat === 'number' && typeof value.lon === 'number'
  if (type === 'object') return isMap(value)
  return typeof value === 'string' && value !== ''
}

test('any event is made of fields of ECS', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(problemsOf(JSON.parse(ecs.write(lineWith(event, 'raw'))))).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test.skipIf(sampleFiles.length === 0).each(sampleFiles.length === 0 ? ['absent'] : sampleFiles)(
  'so is %s',
  (file) => {
    for (const line of linesOfSample(file, 2)) expect(problemsOf(JSON.parse(ecs.write(line)))).toEqual([])
  },
)

test('who it began with, as whom it was done, and to whom', () => {
  const document = written({ ...fullEvent, targets: [{ type: 'user', id: 'u_7', name: 'User 7' }] })
  expect(document.user).toMatchObject({
    id: 'u_42',
    name: 'User 42',
    email: 'u42@example.com',
    domain: 'acme',
    roles: ['approver'],
    effective: { id: 'role/approver', name: 'approver' },
    target: { id: 'u_7', name: 'User 7' },
  })
  expect(document.related).toEqual({
    user: ['u_42', 'User 42', 'role/approver', 'approver', 'u_7', 'User 7', 'u42@example.com', 'S-1-5-21'],
    ip: ['10.4.3.62', '10.0.0.1'],
    hosts: ['laptop', 'app-1'],
  })
  expect(document.affiant).toMatchObject({
    credential_id: 'ak_1',
    session_id: 's_1',
    delegation: fullEvent.delegation,
  })
})

test.each([
  ['iam', 'create', 'user', { category: ['iam'], type: ['creation', 'user'] }],
  ['iam', 'grant', 'group', { category: ['iam'], type: ['admin', 'group'] }],
  ['authentication', 'login', 'app', { category: ['authentication'], type: ['start'] }],
  ['data', 'read', 'table', { category: ['database'], type: ['access'] }],
  ['data', 'delete', 'table', { category: ['database'], type: ['change'] }],
  ['data', 'delete', 'file', { category: ['file'], type: ['deletion'] }],
  ['data', 'approve', 'invoice', { category: ['api'], type: ['change'] }],
  ['session', 'delete', 'session', { category: ['session'], type: ['end'] }],
  ['process', 'execute', 'pods', { category: ['process'], type: ['start'] }],
] as const)('%s, %s, a %s', (category, operation, type, expected) => {
  const { event } = written({ ...leastEvent, category, operation, targets: [{ type, id: 'x' }] })
  expect(event).toMatchObject(expected)
})

test('denied is a failure', () => {
  const { event, error } = written({
    ...leastEvent,
    outcome: { result: 'denied', code: '403', reason: 'no' },
  })
  expect(event).toMatchObject({ outcome: 'failure', type: ['info', 'denied'], reason: 'no' })
  expect(error).toEqual({ code: '403', message: 'no' })
})

test('a cluster, a cloud, an organisation', () => {
  const document = written({
    ...fullEvent,
    producer: { product: 'kubernetes', vendor: 'Google' },
    scope: [
      { type: 'organization', id: 'o-1', name: 'Acme' },
      { type: 'project', id: 'p-1' },
      { type: 'cluster', name: 'prod' },
      { type: 'namespace', id: 'web' },
    ],
  })
  expect(document).toMatchObject({
    organization: { id: 'o-1', name: 'Acme' },
    cloud: { provider: 'gcp', project: { id: 'p-1' } },
    orchestrator: {
      type: 'kubernetes',
      cluster: { name: 'prod' },
      namespace: 'web',
      resource: { id: 'inv_730' },
    },
  })
})

test('a record that could not be read is an error of the pipeline', () => {
  expect(written({ ...leastEvent, quality: { parse: 'failed' } }).event).toMatchObject({
    kind: 'pipeline_error',
  })
})

test('an event of another producer carries none of ours', () => {
  const { affiant: _, ...document } = written(fullEvent)
  expect(() => ecs.read(document)).toThrow('has no affiant.event')
})
