/** Token, index, source, sourcetype and host of an event: the sink's templates, and what its route sets instead. */
import { compileTemplate, type Template } from '../../cel/template.ts'
import { canonicalize } from '../../event/canonical.ts'
import { eventVariables } from '../../routing/event-variables.ts'
import { type Overrides, type Partitioner, Unroutable } from '../sink.ts'
import { isAllowed } from '../transport/allowed.ts'
import type { SplunkHecSinkConfig } from './config.ts'

const members = ['index', 'source', 'sourcetype', 'host'] as const
export type Member = (typeof members)[number]

/** What the events of one batch share. What is missing is rendered event by event, or left to Splunk. */
export type Shared = { readonly token?: string } & { readonly [member in Member]?: string }

export interface Metadata {
  /** Absent where all events share all of it. */
  readonly partition: Partitioner | undefined
  /** By member; absent where nothing is set. */
  readonly templates: ReadonlyMap<Member, Template>
  /** What is the same for every event, unless its route sets something else. */
  readonly constants: Shared
}

export function compileMetadata(sink: string, config: SplunkHecSinkConfig): Metadata {
  const templates = new Map<Member, Template>()
  for (const member of members) {
    const source = config[member]
    if (source !== undefined) templates.set(member, compileTemplate(source, eventVariables))
  }
  const constants: Shared = Object.fromEntries(
    [...templates].flatMap(([member, template]) => (template.constant ? [[member, template({})]] : [])),
  )
  // A wrong index must not stop the events of other indexes; a raw request says everything once.
  const shared = members.filter(
    (member) =>
      (member === 'index' || config.endpoint === 'raw') && templates.get(member)?.constant === false,
  )
  const overridable = Object.keys(config.tokens).length > 0 || Object.keys(config.overrides).length > 0
  if (shared.length === 0 && !overridable) return { partition: undefined, templates, constants }

  const partition: Partitioner = (view, overrides) => {
    const refused = overrides === undefined ? undefined : refusal(sink, config, overrides)
    if (refused !== undefined) return new Unroutable(refused)
    const values: Record<string, string> = { ...overrides }
    for (const member of shared) {
      if (overrides?.[member] !== undefined) continue
      const value = templates.get(member)!(view.event)
      if (value !== undefined) values[member] = value
    }
    return Object.keys(values).length === 0 ? '' : canonicalize(values)
  }
  return { partition, templates, constants }
}

/** Why a route may not set this; undefined where it may. */
function refusal(
  sink: string,
  { tokens, overrides }: SplunkHecSinkConfig,
  set: Overrides,
): string | undefined {
  for (const [option, value] of Object.entries(set)) {
    if (option === 'token') {
      if (!Object.hasOwn(tokens, value)) return `sink ${sink} has no token named "${value}" in \`tokens\``
      continue
    }
    const member = members.find((known) => known === option)
    const allowed = member === undefined ? undefined : overrides[member]
    if (allowed === undefined)
      return `sink ${sink} lets no route set ${option}: \`overrides\` does not name it`
    if (!isAllowed(value, allowed))
      return `${option} "${value}" is not in overrides.${option} of sink ${sink}`
  }
  return undefined
}

/** Of a batch's partition. */
export function sharedOf(partition: string): Shared {
  return partition === '' ? {} : (JSON.parse(partition) as Shared)
}
