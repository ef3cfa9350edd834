/** What a mapping has from presets: that which it extends, and those that guess what it leaves open. */
import type { Problems } from './context.ts'
import type { Mapping } from './mapping.ts'
import { isObject, type Raw } from './raw-mapping.ts'

/** Finds a preset as it was written; undefined when there is none of this name. */
export type FindPreset = (name: string) => Raw | undefined

/** The targets of `raw` over those of what it extends. */
export function extend(raw: Raw, findPreset: FindPreset, problems: Problems, chain: readonly string[]): Raw {
  if (raw.extends === undefined) return raw
  const name = raw.extends
  const base = typeof name === 'string' && !chain.includes(name) ? findPreset(name) : undefined
  if (typeof name !== 'string' || base === undefined) {
    problems.add(['extends'], `there is no preset ${JSON.stringify(name)}`)
    return raw
  }
  const under = extend(base, findPreset, problems, [...chain, name])
  const variables = { ...(isObject(under.let) ? under.let : {}), ...(isObject(raw.let) ? raw.let : {}) }
  // Examples and marks of the base are of records as the base maps them, and no others.
  return { ...under, detect: undefined, tests: undefined, ...raw, let: variables }
}

/** `guess` behind what `mapping` says itself. */
export function combine(mapping: Mapping, guess: Mapping): Mapping {
  const both = <T>(
    own: Readonly<Record<string, readonly T[]>>,
    other: Readonly<Record<string, readonly T[]>>,
  ): Record<string, readonly T[]> => {
    const result: Record<string, readonly T[]> = { ...own }
    for (const [key, values] of Object.entries(other)) {
      result[key] = Object.hasOwn(own, key) ? [...own[key]!, ...values] : values
    }
    return result
  }
  return {
    ...mapping,
    secrets: [...new Set([...mapping.secrets, ...guess.secrets])],
    variables: { ...guess.variables, ...mapping.variables },
    targets: both(mapping.targets, guess.targets),
    lists: both(mapping.lists, guess.lists),
    metadata: both(mapping.metadata, guess.metadata),
  }
}
