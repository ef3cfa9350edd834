/** Which variables a value reads, and asks for. */
import type { Candidate, Part, Source, Value } from '../mapping/mapping.ts'

/** Names of the variables that a value reads. */
export function variablesOf(value: Value): string[] {
  const names: string[] = []
  const visit = (source: Source | Part | { readonly optional: readonly Part[] }): void => {
    if (typeof source === 'string') return
    if ('optional' in source) source.optional.forEach(visit)
    else if ('kind' in source) {
      if (source.kind === 'variable') names.push(source.name)
      else if (source.kind === 'template') source.parts.forEach(visit)
      else if (source.kind === 'field') source.segments.flat().forEach(visit)
      else if (source.kind === 'all') names.push(...source.values.flatMap(variablesOf))
    } else source.forEach(visit)
  }
  for (const { source } of value) visit(source)
  return [...names, ...value.flatMap(variablesAsked)]
}

/** Names of the variables that `if` and `unless` look at. */
export function variablesAsked({
  if: present = [],
  unless: absent = [],
}: Pick<Candidate, 'if' | 'unless'>): string[] {
  return [...present, ...absent].flatMap((reference) => (reference.kind === 'variable' ? reference.name : []))
}
