/** The agent's configuration from files; the first of the usual places where none is named. */
import { findConfig } from '../config/find.ts'
import {
  type ConfigShape,
  type InspectOptions,
  inspect,
  type LoadedConfig,
  type LoadOptions,
  load,
} from '../config/load.ts'
import type { EncryptionKey } from '../journal/key-ring.ts'
import { checkAgent } from './check.ts'
import { checkEnricherFiles } from './check-enrichers.ts'
import { type AgentConfig, agentAndJournal, agentOnly, configFor, wholeConfig } from './config.ts'

const rules = { named: ['receivers', 'sinks'], lists: ['routes', 'redact'] }
const whole: ConfigShape<AgentConfig> = { schema: wholeConfig, part: configFor, rules, check: checkAgent }
const journalToo = { schema: async () => agentAndJournal, rules, only: ['agent', 'journal'], check: () => [] }
const agentAlone = { schema: async () => agentOnly, rules, only: ['agent'], check: () => [] }

/** Throws `ConfigError` (`config_invalid`) with every problem, `config_unreadable` for what cannot be read. */
export async function loadAgentConfig(
  paths: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedConfig<AgentConfig>> {
  return load(await named(paths, options.env), whole, options)
}

/** Problems as values, those of the files that enrichers read among them unless nothing outside is looked up: for `validate`. */
export async function inspectAgentConfig(paths: readonly string[], options: InspectOptions = {}) {
  const shape =
    options.environment === false
      ? whole
      : {
          ...whole,
          check: async (input: unknown) => [...(await checkAgent(input)), ...checkEnricherFiles(input)],
        }
  return inspect(await named(paths, options.env), shape, options)
}

/** `agent.data_dir`, for commands that look at what an agent left: no other section, and no secret, is needed. */
export async function loadDataDir(paths: readonly string[], options: LoadOptions = {}): Promise<string> {
  const { config } = await load(await named(paths, options.env), agentAlone, options)
  return config.agent.data_dir
}

/** What commands need that read the events too: the keys of an encrypted journal. */
export async function loadJournalPlace(
  paths: readonly string[],
  options: LoadOptions = {},
): Promise<{ readonly dataDir: string; readonly keys: readonly EncryptionKey[] }> {
  const { config } = await load(await named(paths, options.env), journalToo, options)
  return { dataDir: config.agent.data_dir, keys: config.journal.encryption?.keys ?? [] }
}

async function named(paths: readonly string[], env: LoadOptions['env']): Promise<readonly string[]> {
  return paths.length > 0 ? paths : [await findConfig(process.cwd(), env ?? process.env)]
}
