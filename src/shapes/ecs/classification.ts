/**
 * ECS's words for what an event is: `event.kind`, `event.category`, `event.type`, `event.outcome`. Categories have allowed
 * types: https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference (ECS 9.4, Apache-2.0).
 */
import type { Line } from '../line.ts'
import { type Kind, kindOf, targetOf } from '../target-kind.ts'

/** The types that each category allows. */
const allowedTypes = {
  api: 'access admin allowed change creation deletion denied end info start user',
  authentication: 'start end info',
  configuration: 'access change creation deletion info',
  database: 'access change info error',
  file: 'access change creation deletion info',
  host: 'access change end info start',
  iam: 'admin change creation deletion group info user',
  network: 'access allowed connection denied end info protocol start',
  process: 'access change end info start',
  session: 'start end info',
} as const

type EcsCategory = keyof typeof allowedTypes

const categories: Readonly<Record<Line['category'], EcsCategory>> = {
  authentication: 'authentication',
  iam: 'iam',
  data: 'api',
  configuration: 'configuration',
  session: 'session',
  network: 'network',
  process: 'process',
  system: 'host',
  audit: 'configuration',
  other: 'api',
}

/** What data are says more than that they are. */
const stores: Partial<Record<Kind, EcsCategory>> = {
  database: 'database',
  table: 'database',
  bucket: 'database',
  file: 'file',
}

/** In order of preference: the first that the category allows. `info` is always allowed. */
const types: Readonly<Record<Line['operation'], string>> = {
  create: 'creation change',
  read: 'access',
  update: 'change',
  delete: 'deletion change',
  execute: 'start change access',
  login: 'start',
  logout: 'end',
  grant: 'admin change',
  revoke: 'admin change',
  approve: 'change',
  deny: 'change',
  other: 'info',
}

/** Where something that lasts is made or unmade. */
const lasting: Partial<Record<EcsCategory, Partial<Record<Line['operation'], string>>>> = {
  session: { create: 'start', delete: 'end' },
  process: { create: 'start', delete: 'end' },
}

export function categoryOf({ category, targets: [target] = [] }: Line): EcsCategory {
  const kind = category === 'data' && target !== undefined ? kindOf(target) : undefined
  return (kind === undefined ? undefined : stores[kind]) ?? categories[category]
}

export function typesOf(event: Line, category: EcsCategory): string[] {
  const allowed = allowedTypes[category].split(' ')
  const wanted = (lasting[category]?.[event.operation] ?? types[event.operation]).split(' ')
  const found = [wanted.find((type) => allowed.includes(type)) ?? 'info']
  const add = (type: string, when: boolean) => {
    if (when && allowed.includes(type)) found.push(type)
  }
  add('denied', event.outcome.result === 'denied')
  add('user', category === 'iam' && targetOf(event, 'user', 'service_account') !== undefined)
  add('group', category === 'iam' && targetOf(event, 'group') !== undefined)
  return found
}

/** Denied is a failure here; partly done is neither. */
const outcomes: Readonly<Record<Line['outcome']['result'], 'success' | 'failure' | 'unknown'>> = {
  success: 'success',
  failure: 'failure',
  denied: 'failure',
  partial: 'unknown',
  unknown: 'unknown',
}

export const outcomeOf = ({ outcome }: Line) => outcomes[outcome.result]
