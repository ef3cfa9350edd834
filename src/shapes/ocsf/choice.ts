/** Which class and activity an event becomes: by category and operation; the first whose attributes it has. */
import type { Line } from '../line.ts'
import { type ClassName, classes, type EventClass } from './classes.ts'
import type { Part } from './part.ts'

/** `method`: the activity that is called as the request's method. `needed`: attributes, beside those that the class requires. */
type Choice = readonly [name: ClassName, activity: number | 'method', ...needed: readonly string[]]
type Choices = Partial<Record<Line['operation'] | 'any', readonly Choice[]>>

/** Other: OCSF's number for an activity that the class has no word for. */
const otherActivity = 99

const calls: Choices = {
  create: [['api_activity', 1]],
  read: [['api_activity', 2]],
  update: [['api_activity', 3]],
  delete: [['api_activity', 4]],
  any: [['api_activity', otherActivity]],
}

const withCalls = (own: Choices): Choices => {
  const operations = new Set([...Object.keys(calls), ...Object.keys(own)]) as Set<keyof Choices>
  return Object.fromEntries(
    [...operations].map((operation) => [
      operation,
      [...(own[operation] ?? own.any ?? []), ...(calls[operation] ?? calls.any ?? [])],
    ]),
  )
}

/** Calls where they create, read, update or delete; else nothing that OCSF has a class for. */
const elsewhere: Choices = {
  create: [],
  read: [],
  update: [],
  delete: [],
  any: [['base_event', otherActivity]],
}

const logons: Choices = {
  login: [['authentication', 1]],
  logout: [['authentication', 2]],
}

const choices: Readonly<Record<Line['category'], Choices>> = {
  authentication: withCalls({
    ...logons,
    create: [
      ['account_change', otherActivity],
      ['authentication', otherActivity],
    ],
    update: [
      ['account_change', otherActivity],
      ['authentication', otherActivity],
    ],
    delete: [
      ['account_change', otherActivity],
      ['authentication', otherActivity],
    ],
    any: [['authentication', otherActivity]],
  }),
  session: withCalls({ ...logons, create: [['authentication', 1]], delete: [['authentication', 2]] }),
  iam: withCalls({
    ...logons,
    create: [
      ['account_change', 1],
      ['group_management', 6],
      ['entity_management', 1],
    ],
    read: [['entity_management', 2]],
    update: [['entity_management', 3]],
    delete: [
      ['account_change', 6],
      ['group_management', 5],
      ['entity_management', 4],
    ],
    grant: [
      ['group_management', 3, 'user'],
      ['group_management', 1],
      ['user_access', 1],
      ['entity_management', otherActivity],
    ],
    revoke: [
      ['group_management', 4, 'user'],
      ['group_management', 2],
      ['user_access', 2],
      ['entity_management', otherActivity],
    ],
    any: [['entity_management', otherActivity]],
  }),
  data: withCalls({
    ...logons,
    create: [
      ['file_activity', 1],
      ['datastore_activity', 6],
    ],
    read: [
      ['file_activity', 2],
      ['datastore_activity', 1],
    ],
    update: [
      ['file_activity', 3],
      ['datastore_activity', 2],
    ],
    delete: [
      ['file_activity', 4],
      ['datastore_activity', 7],
    ],
    execute: [['datastore_activity', 4]],
    any: [['datastore_activity', otherActivity]],
  }),
  configuration: withCalls(logons),
  network: withCalls({ ...logons, any: [['http_activity', 'method']] }),
  process: withCalls({ ...logons, execute: [['process_activity', 1]], delete: [['process_activity', 2]] }),
  system: withCalls({ ...logons, ...elsewhere }),
  audit: withCalls({
    ...logons,
    delete: [['event_log_activity', 2]],
    any: [['event_log_activity', otherActivity]],
  }),
  other: withCalls({ ...logons, ...elsewhere }),
}

interface Chosen {
  readonly eventClass: EventClass
  readonly activity: number
}

/** What is tried for an event of this category and operation, in order. */
export const choicesFor = (category: Line['category'], operation: Line['operation']): readonly Choice[] =>
  choices[category][operation] ?? choices[category].any ?? []

/** `has`: whether the event has something for an attribute of a class. */
export function choose(event: Line, has: (part: Part) => boolean): Chosen {
  for (const [name, wanted, ...needed] of choicesFor(event.category, event.operation)) {
    const eventClass: EventClass = classes[name]
    const { attributes, required, oneOf, activities } = eventClass
    const hasOne = (attribute: string) => has(attributes[attribute]!)
    if (![...required, ...needed].every(hasOne) || !(oneOf?.some(hasOne) ?? true)) continue
    const activity = wanted === 'method' ? methodOf(event, activities) : wanted
    if (activity !== undefined) return { eventClass, activity }
  }
  return { eventClass: classes.base_event, activity: otherActivity }
}

function methodOf({ request }: Line, activities: EventClass['activities']): number | undefined {
  const method = request?.method?.toUpperCase()
  const found = Object.entries(activities).find(([, caption]) => caption.toUpperCase() === method)
  return found === undefined ? undefined : Number(found[0])
}
