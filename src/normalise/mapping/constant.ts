/** Whether a fixed value of a mapping fits its target: known when the configuration is read, so it is said then. */
import { isIP } from 'node:net'
import type { TargetType } from './targets.ts'

/** What is wrong with it, or undefined. */
export function constantProblem(value: unknown, type: TargetType): string | undefined {
  switch (type.kind) {
    case 'enum':
      return typeof value === 'string' && type.values.includes(value)
        ? undefined
        : `${JSON.stringify(value)} is none of ${type.values.join(', ')}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false belongs here'
    case 'integer':
      return Number.isInteger(value) && Number(value) >= type.min && Number(value) <= type.max
        ? undefined
        : `a whole number from ${type.min} to ${type.max} belongs here`
    case 'number':
      return typeof value === 'number' ? undefined : 'a number belongs here'
    case 'time':
      return 'a time comes from the record; it is never a fixed value'
    case 'address':
      return typeof value === 'string' && isIP(value) !== 0 ? undefined : 'an IP address belongs here'
    case 'any':
      return undefined
    default:
      return (typeof value === 'string' || typeof value === 'number') && value !== ''
        ? undefined
        : 'text belongs here, and not an empty one'
  }
}
