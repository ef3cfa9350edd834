/** Values that are the same for every event. */
import type { Addition, ConstantEnricher } from './contract.ts'

/** Members by their dotted names, and `scope`; checked by config.ts. */
export type StaticSpec = Readonly<Record<string, unknown>>

export function staticEnricher(spec: StaticSpec): ConstantEnricher {
  const additions = Object.entries(spec).map(
    ([member, value]): Addition => ({ member, path: member.split('.'), value }),
  )
  return { kind: 'static', reads: 'nothing', sets: Object.keys(spec), version: 0, additions }
}
