/** The configuration in force, for whoever asks when it matters. */
import type { AgentConfig } from './config.ts'

export interface HashedConfig {
  readonly config: AgentConfig
  /** SHA-256 (hex) of it as it was written. */
  readonly hash: string
}

export class ConfigInUse {
  #current: HashedConfig

  constructor(start: HashedConfig) {
    this.#current = start
  }

  get config(): AgentConfig {
    return this.#current.config
  }

  get hash(): string {
    return this.#current.hash
  }

  use(next: HashedConfig): void {
    this.#current = next
  }
}
