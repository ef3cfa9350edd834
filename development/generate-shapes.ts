/** The tables and examples of docs/shapes.md. */
import type { AuditEvent } from '../src/event/audit-event.ts'
import { canonicalize } from '../src/event/canonical.ts'
import { categories, operations } from '../src/event/vocabulary.ts'
import { categoryOf, typesOf } from '../src/shapes/ecs/classification.ts'
import type { Line } from '../src/shapes/line.ts'
import { choicesFor } from '../src/shapes/ocsf/choice.ts'
import { classes, type EventClass } from '../src/shapes/ocsf/classes.ts'
import { type ShapeName, shapeNames } from '../src/shapes/shape.ts'
import { shapes } from '../src/shapes/shapes.ts'

/** `page` with what stands between each pair of marks made anew. */
export function withShapes(page: string): string {
  const parts: readonly (readonly [string, () => string])[] = [
    ['ocsf classes', ocsfClasses],
    ['ecs categories', ecsCategories],
    ...shapeNames
      .filter((name) => name !== 'affiant')
      .map((name) => [`example ${name}`, () => exampleOf(name)] as const),
  ]
  return parts.reduce((text, [name, render]) => replaced(text, name, render()), page)
}

function replaced(page: string, name: string, text: string): string {
  const begin = `<!-- generated: ${name} -->`
  const end = '<!-- /generated -->'
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`docs/shapes.md lacks ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Logins and logouts are the same everywhere; other operations for which the same is tried share a row. */
function ocsfClasses(): string {
  const sessions = ['login', 'logout'] as const
  const everywhere = sessions.map((operation) => {
    return ['any', `\`${operation}\``, choiceText(choicesFor('authentication', operation)[0]!)]
  })
  const others = operations.filter((operation) => operation !== 'login' && operation !== 'logout')
  const rows = categories.flatMap((category) => {
    const byText = Map.groupBy(others, (operation) => choicesText(category, operation))
    return [...byText].map(([text, all]) => [
      `\`${category}\``,
      all.map((each) => `\`${each}\``).join(' '),
      text,
    ])
  })
  return table(['category', 'operation', 'class: activity'], [...everywhere, ...rows])
}

/** Nothing is tried behind a class that needs nothing. */
function choicesText(category: Line['category'], operation: Line['operation']): string {
  const all = choicesFor(category, operation)
  const last = all.findIndex((choice) => neededBy(choice).length === 0)
  return all
    .slice(0, last + 1)
    .map(choiceText)
    .join('; else ')
}

type Choice = ReturnType<typeof choicesFor>[number]

/** What every event has is not worth a word. */
const always = new Set(['api', 'service', 'log_provider'])

function neededBy([name, activity, ...also]: Choice): string[] {
  const { required, oneOf = [] }: EventClass = classes[name]
  const user = name === 'authentication' ? ['user'] : []
  const needed = required.filter((attribute) => !always.has(attribute) && !user.includes(attribute))
  const some =
    oneOf.length === 0 || oneOf.some((attribute) => always.has(attribute)) ? [] : [oneOf.join(' or ')]
  return activity === 'method' ? ['a method of HTTP'] : [...needed, ...also, ...some]
}

function choiceText(choice: Choice): string {
  const [name, activity] = choice
  const { caption, activities }: EventClass = classes[name]
  const of = activity === 'method' ? 'its method' : (activities[activity] ?? 'Other')
  const needed = neededBy(choice)
  return `${caption}: ${of}${needed.length === 0 ? '' : ` (with ${needed.join(', ')})`}`
}

function ecsCategories(): string {
  const rows = categories.map((category) => {
    const event = { category, outcome: { result: 'success' } } as Line
    const ecs = categoryOf(event)
    const byType = Map.groupBy(operations, (operation) => typesOf({ ...event, operation }, ecs).join(', '))
    const types = [...byType].map(([type, all]) => `${type}: ${all.map((each) => `\`${each}\``).join(' ')}`)
    return [`\`${category}\``, ecs, types.join('; ')]
  })
  return table(['category', '`event.category`', '`event.type`: operation'], rows)
}

const event: AuditEvent = {
  action: 'iam.amazonaws.com:CreateUser',
  actor: { email: 'ada@example.com', id: 'ada@example.com', type: 'user' },
  attribution: { complete: true },
  category: 'iam',
  credential: { id: 'ASIAEXAMPLE', mfa: true, type: 'access_key' },
  delegation: [{ id: 'arn:aws:iam::123456789012:role/admin', mechanism: 'assume_role', type: 'service' }],
  id: '4c0a9a52-3d2f-8f6f-9d11-5c1b0b5e1f0e',
  observed_time: '2026-11-23T06:58:34.120000000Z',
  operation: 'create',
  outcome: { code: 'AccessDenied', reason: 'not authorized', result: 'denied' },
  producer: { product: 'cloudtrail', region: 'eu-central-1', service: 'iam.amazonaws.com', vendor: 'AWS' },
  provenance: { agent: 'node-1', index: 0, receiver: 'trail', stream: '59ade9c2e3082fba6f5bcefbd295d8e6' },
  quality: { parse: 'ok' },
  schema: 'audit-event/1',
  scope: [{ id: '123456789012', type: 'account' }],
  source: { ip: '10.4.3.62', user_agent: 'aws-cli/2.27' },
  source_event_id: 'e-1',
  targets: [{ id: 'arn:aws:iam::123456789012:user/eve', name: 'eve', type: 'AWS::IAM::User' }],
  time: '2026-11-23T06:58:33.000000000Z',
  time_source: 'event',
}

function exampleOf(name: ShapeName): string {
  const canonical = canonicalize(event)
  const log = { origin: 'affiant/node-1/1', seq: 7, size: Buffer.byteLength(canonical) }
  const line = `${canonical.slice(0, -1)},"log":${JSON.stringify(log)}}`
  const document: unknown = JSON.parse(shapes[name].write(line), shortened)
  const shown = name === 'ocsf_1_9' ? onlyOf(document, ['metadata', 'attestation_list']) : document
  return `\`\`\`json\n${JSON.stringify(shown, undefined, 2).replaceAll(/\{\s+([^{}[\]]{1,86}?)\s+\}/g, onOneLine)}\n\`\`\``
}

const onOneLine = (_: string, members: string) => `{ ${members.replaceAll(/\s*\n\s*/g, ' ')} }`

/** What the page shows of a document that it has shown the like of. */
const onlyOf = (document: unknown, names: readonly string[]): object =>
  Object.fromEntries(Object.entries({ ...(document as object) }).filter(([name]) => names.includes(name)))

/** The event that is carried along says on the page only where it stands. */
function shortened(key: string, value: unknown): unknown {
  if (key === 'observables' && Array.isArray(value)) return [...(value as unknown[]).slice(0, 2), '…']
  if (typeof value === 'string' && value.startsWith('{"action"')) return `${value.slice(0, 48)}…`
  if (typeof value !== 'object' || value === null) return value
  if ('kvlistValue' in value && JSON.stringify(value).length > 2000) return { kvlistValue: { values: ['…'] } }
  if ('schema' in value && 'log' in value) return { action: event.action, '…': '…' }
  return value
}
