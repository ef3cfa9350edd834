/** Which paths each receiver of the configuration in force reads: whose a file is that somebody has read before. */
import { Patterns } from '../receivers/file/finding/pattern.ts'
import { logPatterns } from '../receivers/kubernetes/log-patterns.ts'
import type { AgentConfig } from './config.ts'

export class FileReaders {
  readonly #patterns = new Map<string, Patterns>()

  use({ receivers }: Pick<AgentConfig, 'receivers'>): void {
    this.#patterns.clear()
    for (const [name, config] of Object.entries(receivers)) {
      if (config.type === 'kubernetes') this.#patterns.set(name, new Patterns(logPatterns(config), []))
      if (config.type === 'file') this.#patterns.set(name, new Patterns(config.include, config.exclude))
    }
  }

  read(receiver: string, path: string): boolean {
    return this.#patterns.get(receiver)?.matches(path) ?? false
  }
}
