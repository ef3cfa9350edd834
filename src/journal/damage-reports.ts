/** Damage that readers meet: each place is set aside and told once in a run. */
import type { Log } from '../telemetry/log.ts'
import type { JournalRecovery } from './contract.ts'
import { setAside } from './damage.ts'
import type { FileSystem } from './fs-port.ts'
import type { JournalEvents } from './journal-events.ts'
import type { FoundDamage } from './reader.ts'

interface DamageReportsOptions {
  readonly fs: FileSystem
  readonly log: Log
  readonly directory: string
  readonly recovery: JournalRecovery
  readonly events: JournalEvents
}

export class DamageReports {
  readonly #options: DamageReportsOptions
  /** Places, and files that recovery has reported. */
  readonly #told: Set<string>

  constructor(options: DamageReportsOptions) {
    this.#options = options
    this.#told = new Set(options.recovery.damaged.map(({ file }) => file))
  }

  /** Never throws: reading goes on whether or not the bytes can be copied. */
  async report(damage: FoundDamage): Promise<void> {
    const { segment, offset, firstSeq, lastSeq } = damage
    const place = `${segment.name}@${offset}`
    if (this.#told.has(place)) return
    this.#told.add(place)
    const { log, events } = this.#options
    try {
      const file = await this.#copy(damage)
      if (this.#told.has(file)) return
      log.error({ firstSeq, lastSeq, file }, 'journal: damaged block set aside')
      events.damaged?.({ firstSeq, lastSeq, file })
    } catch (error) {
      log.error({ err: error, firstSeq, lastSeq }, 'journal: damaged block, and it cannot be copied')
      events.damaged?.({ firstSeq, lastSeq, file: segment.path })
    }
  }

  async #copy({ segment, offset, end }: FoundDamage): Promise<string> {
    const { fs, directory } = this.#options
    const file = await fs.open(segment.path, 'read')
    try {
      return (await setAside(fs, directory, segment.name, file, offset, end)).path
    } finally {
      await file.close()
    }
  }
}
