/**
 * What a record MUST and SHOULD have (audit/data-model.md of the draft), but for its proof and its place in a chain.
 * https://github.com/open-telemetry/opentelemetry-specification/pull/5059
 */
import { producerUuid } from '../../../event/id.ts'
import { textOf } from './attributes.ts'
import type { AuditRecord, TypedAttributes } from './canonical-record.ts'
import type { Judgement } from './judgement.ts'

export interface Context {
  /** The Resource's attributes; null where none was sent. */
  readonly resource: TypedAttributes | null
  /** Whether severity number or text are set. */
  readonly hasSeverity: boolean
  /** Unix milliseconds. */
  readonly now: number
  /** Milliseconds between Timestamp and ObservedTimestamp that are not told of. */
  readonly clockDifference: number
}

/** In characters. Longer ones are no ids, and are kept in memory. */
const longestId = 256

const outcomes: readonly (string | null)[] = ['success', 'failure', 'unknown']
const actorTypes: readonly (string | null)[] = ['user', 'service', 'system']
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const billion = 1_000_000_000n

/** Returns `audit.record.id`, where there is one. */
export function checkRecord(record: AuditRecord, context: Context, judgement: Judgement): string | undefined {
  const { attributes = {}, event_name: eventName } = record
  const { faults, advice, warnings } = judgement
  checkTimes(record, context, judgement)
  if (eventName === undefined) faults.push('it has no EventName')
  if (context.resource === null) faults.push('it has no Resource')
  const id = required(attributes, 'audit.record.id', faults)
  if (id !== undefined) checkId(id, judgement)
  for (const name of ['audit.actor.id', 'audit.action']) required(attributes, name, faults)
  const type = required(attributes, 'audit.actor.type', faults)
  if (type !== undefined && !actorTypes.includes(type))
    warnings.push(`audit.actor.type is none of user, service and system: ${shown(type)}`)
  const outcome = required(attributes, 'audit.outcome', faults)
  if (outcome !== undefined && !outcomes.includes(outcome))
    faults.push(`audit.outcome is none of success, failure and unknown: ${shown(outcome)}`)
  for (const name of ['audit.target.id', 'audit.target.type', 'audit.schema.version'])
    if (attributes[name] === undefined) advice.push(name)
  if (context.hasSeverity) advice.push('no severity')
  return id
}

function checkId(id: string, { faults, advice }: Judgement): void {
  if (id.length > longestId) faults.push(`audit.record.id is longer than ${longestId} characters`)
  if (!uuid.test(id)) advice.push('a UUID as audit.record.id')
  else if (producerUuid(id) === undefined)
    faults.push('audit.record.id is the nil or the max UUID, which identify nothing')
}

function checkTimes(
  { timestamp, observed_timestamp: observed }: AuditRecord,
  { now, clockDifference }: Context,
  { faults, warnings }: Judgement,
): void {
  if (timestamp === undefined) faults.push('it has no Timestamp')
  if (observed === undefined) faults.push('it has no ObservedTimestamp')
  if (timestamp === undefined || observed === undefined) return
  const difference = BigInt(observed) - BigInt(timestamp)
  if (difference < 0n) faults.push('its Timestamp is later than its ObservedTimestamp')
  else if (difference > BigInt(clockDifference) * 1_000_000n)
    warnings.push(`its clocks differ: ObservedTimestamp is ${seconds(difference)} s later than Timestamp`)
  const ahead = BigInt(observed) - BigInt(now) * 1_000_000n
  if (ahead > BigInt(clockDifference) * 1_000_000n)
    warnings.push(`its clock is ahead: ObservedTimestamp is ${seconds(ahead)} s later than now`)
}

/** With three digits behind the point. */
function seconds(nanoseconds: bigint): string {
  return `${nanoseconds / billion}.${String((nanoseconds % billion) / 1_000_000n).padStart(3, '0')}`
}

function required(attributes: TypedAttributes, name: string, faults: string[]): string | undefined {
  const value = textOf(attributes, name)
  if (value === undefined) faults.push(`it has no ${name}`)
  else if (value === null) faults.push(`${name} is no string`)
  else if (value === '') faults.push(`${name} is empty`)
  else return value
  return undefined
}

/** What came, short enough for a sentence. */
const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
