/** What one configuration says otherwise than another, by component; and what of that a running agent cannot become. */
import { isDeepStrictEqual } from 'node:util'
import type { AgentConfig } from './config.ts'
import { type Differences, differences } from './differences.ts'

/** Sections whose members are told apart. */
const named = ['receivers', 'sinks'] as const
/** Sections of single settings. */
const settings = ['agent', 'journal', 'telemetry'] as const
/** Of those, what is read at a start only. */
const fixed: readonly string[] = ['agent.id', 'agent.data_dir', 'journal.encryption']

/** Dotted names: `sinks.lake`, `routes`, `agent.drain`. */
export function changesOf(from: AgentConfig, to: AgentConfig): Differences {
  return differences(componentsOf(from), componentsOf(to))
}

/** Settings that differ and are read at a start only, dotted: `journal.max_size`. */
export function fixedIn(from: AgentConfig, to: AgentConfig): string[] {
  const { added, changed, removed } = differences(settingsOf(from), settingsOf(to))
  return [...added, ...changed, ...removed].filter((name) => fixed.includes(name)).toSorted()
}

function componentsOf(config: AgentConfig): Map<string, unknown> {
  const { receivers: _receivers, sinks: _sinks, agent: _agent, journal: _journal, ...rest } = config
  const { telemetry: _telemetry, ...whole } = rest
  const parts = named.flatMap((section) => membersOf(section, config[section]))
  return new Map([...parts, ...Object.entries(whole), ...settingsOf(config)])
}

const settingsOf = (config: AgentConfig): Map<string, unknown> =>
  new Map(settings.flatMap((section) => membersOf(section, config[section])))

const membersOf = (section: string, members: object): [string, unknown][] =>
  Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [`${section}.${name}`, value])

/** Values too: a secret that was changed where it is kept leaves the file as it was. */
export const isSameConfig = (one: AgentConfig, other: AgentConfig): boolean => isDeepStrictEqual(one, other)
