/**
 * Damage that recovery or readers meet: its bytes are set aside under `damaged/<segment>@<offset>`, and each seq is told
 * once (see told-damage.ts).
 */
import type { Clock } from '../clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { DamagedSeqs, JournalRecovery } from './contract.ts'
import { setAside } from './damage.ts'
import type { FileSystem } from './fs-port.ts'
import type { JournalEvents } from './journal-events.ts'
import type { FoundDamage } from './reader.ts'
import type { ToldDamage } from './told-damage.ts'

interface DamageReportsOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly directory: string
  readonly recovery: JournalRecovery
  readonly events: JournalEvents
  readonly told: ToldDamage
}

export class DamageReports {
  readonly #options: DamageReportsOptions
  /** Places. */
  readonly #met = new Set<string>()
  /** Told in this run, and not noted yet. */
  readonly #toNote: DamagedSeqs[]

  constructor(options: DamageReportsOptions) {
    this.#options = options
    this.#toNote = [...options.recovery.damaged]
  }

  /** Never throws: reading goes on whether or not the bytes can be copied. */
  async report(damage: FoundDamage): Promise<void> {
    const { segment, offset, firstSeq, lastSeq } = damage
    const place = `${segment.name}@${offset}`
    if (this.#met.has(place)) return
    this.#met.add(place)
    const { told, log, events } = this.#options
    const gone = damage.end === offset
    const file = gone ? segment.path : await this.#copy(damage)
    const rest = told.take({ firstSeq, lastSeq, file, ...(gone && { gone }) })
    for (const each of rest) {
      log.error(each, gone ? 'journal: events are gone' : 'journal: damaged block set aside')
      events.damaged?.(each)
    }
    if (rest.length > 0) this.#toNote.push({ firstSeq, lastSeq, file })
  }

  /** Called when all that was appended before is committed. @throws what the file system says; then it is tried again */
  async note(): Promise<void> {
    const { told, clock } = this.#options
    for (let first = this.#toNote[0]; first; first = this.#toNote[0]) {
      await told.note(first, clock.now())
      this.#toNote.shift()
    }
  }

  /** Where the copy is; the segment itself where it can't be copied. */
  async #copy({ segment, offset, end }: FoundDamage): Promise<string> {
    const { fs, directory, log } = this.#options
    try {
      const file = await fs.open(segment.path, 'read')
      try {
        return await setAside(fs, directory, segment.name, file, offset, end)
      } finally {
        await file.close()
      }
    } catch (error) {
      log.error({ err: error, segment: segment.path, offset, end }, 'journal: damaged bytes cannot be copied')
      return segment.path
    }
  }
}
