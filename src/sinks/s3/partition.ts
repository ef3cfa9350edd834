/** Which events share an object: those with the same name for it, within one hour of event time. */
import { canonicalize } from '../../event/canonical.ts'
import { type Partitioner, Unroutable } from '../sink.ts'
import { isAllowed } from '../transport/allowed.ts'
import type { S3SinkConfig } from './config.ts'
import { createHourReader } from './hour.ts'
import { compileKey, LONGEST_KEY, longestOf } from './key.ts'

/** @param under what every name begins with */
export function createPartitioner(
  { key: source, overrides: allowed }: Pick<S3SinkConfig, 'key' | 'overrides'>,
  under = '',
): Partitioner {
  const key = compileKey(source)
  const hourOf = createHourReader()
  let last: { readonly hour: string | undefined; readonly partition: string } = {
    hour: undefined,
    partition: '',
  }

  return (view, overrides) => {
    const hour = hourOf(view)
    const prefix = overrides?.key_prefix
    if (prefix === undefined && key.hourly) {
      if (hour !== last.hour)
        last = {
          hour,
          partition: textOf(hour, under + key(hour, () => view.event)),
        }
      return last.partition
    }
    const wrong = prefix === undefined ? undefined : faultOf(prefix, allowed.key_prefix ?? [])
    if (wrong !== undefined) return new Unroutable(wrong)
    const pattern = under + (prefix ?? '') + key(hour, () => view.event)
    if (longestOf(pattern) > LONGEST_KEY) {
      return new Unroutable(`its object's name would have more than ${LONGEST_KEY} bytes`)
    }
    return textOf(hour, pattern)
  }
}

const textOf = (hour: string, key: string): string => canonicalize({ hour, key })

/** The pattern in a partition, for `keyOf`. */
export function patternOf(partition: string): string {
  const parsed: unknown = JSON.parse(partition)
  if (typeof parsed === 'object' && parsed !== null && 'key' in parsed && typeof parsed.key === 'string') {
    return parsed.key
  }
  throw new Error(`this is no partition of an s3 sink: ${partition}`)
}

/** What is wrong with a prefix that a route sets; undefined when nothing is. */
function faultOf(prefix: string, patterns: readonly string[]): string | undefined {
  if (prefix === '' || prefix.startsWith('/') || /[\p{C}{}]|(?:^|\/)\.{0,2}\/|(?:^|\/)\.\.?$/u.test(prefix)) {
    return `key_prefix ${JSON.stringify(prefix)} cannot begin the name of an object`
  }
  if (isAllowed(prefix, patterns)) return undefined
  return `key_prefix ${JSON.stringify(prefix)} is not among the sink's overrides.key_prefix`
}
