/**
 * What a receiver itself is made of, so that it need not stop for what is another's affair: how its records become events is
 * its normaliser's. Files are framed by their preset or mapping; what listens knows of neither.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ReceiverConfig } from './component-configs.ts'
import type { AgentConfig } from './config.ts'

export interface ReceiverRecipe {
  readonly config: ReceiverConfig
  /** Threads that normalise. */
  readonly workers: number
}

export const recipeOf = (name: string, { receivers, agent }: AgentConfig): ReceiverRecipe => ({
  config: receivers[name]!,
  workers: agent.workers,
})

/** The others listen. */
export const followsFiles = ({ type }: Pick<ReceiverConfig, 'type'>): boolean =>
  type === 'file' || type === 'kubernetes'

const ofNormaliser = ['select', 'zone', 'raw', 'on_missing', 'enrich', 'redact']
const ofFraming = ['preset', 'mapping', 'mappings']

export function isSameReceiver(one: ReceiverRecipe, other: ReceiverRecipe): boolean {
  return isDeepStrictEqual(own(one), own(other))
}

function own({ config, workers }: ReceiverRecipe): unknown {
  const isFramed = followsFiles(config)
  const others = isFramed ? ofNormaliser : [...ofNormaliser, ...ofFraming]
  const members = Object.entries(config).filter(([key]) => !others.includes(key))
  return { ...Object.fromEntries(members), ...(isFramed && { workers }) }
}
