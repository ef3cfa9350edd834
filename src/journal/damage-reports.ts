/**
 * Damage that recovery or readers meet: each place is set aside, and told once.
 *
 * `damaged/<segment>@<offset>` holds the bytes; `damaged/<segment>@<offset>.json` says which seqs they were and that
 * they have been told. The latter is written when what was made of the telling is committed, so a kill in between tells
 * the same once more: rather twice than not at all.
 */
import { dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { JournalRecovery } from './contract.ts'
import { setAside } from './damage.ts'
import type { FileSystem } from './fs-port.ts'
import type { JournalEvents } from './journal-events.ts'
import type { FoundDamage } from './reader.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

interface DamageReportsOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly directory: string
  readonly recovery: JournalRecovery
  readonly events: JournalEvents
}

type DamagedRange = JournalRecovery['damaged'][number]

const noteOf = (file: string): string => `${file}.json`

export class DamageReports {
  readonly #options: DamageReportsOptions
  /** Places, and files that recovery has reported. */
  readonly #met: Set<string>
  /** Told in this run, and not noted yet. */
  #told: DamagedRange[]

  constructor(options: DamageReportsOptions) {
    this.#options = options
    const { damaged } = options.recovery
    this.#met = new Set(damaged.map(({ file }) => file))
    this.#told = damaged.filter(({ file }) => dirname(file) === join(options.directory, 'damaged'))
  }

  /** Never throws: reading goes on whether or not the bytes can be copied. */
  async report(damage: FoundDamage): Promise<void> {
    const { segment, offset, firstSeq, lastSeq } = damage
    const place = `${segment.name}@${offset}`
    if (this.#met.has(place)) return
    this.#met.add(place)
    const { fs, log, events } = this.#options
    try {
      const file = await this.#copy(damage)
      if (this.#met.has(file) || (await readSmallFile(fs, noteOf(file)))) return
      log.error({ firstSeq, lastSeq, file }, 'journal: damaged block set aside')
      events.damaged?.({ firstSeq, lastSeq, file })
      this.#told.push({ firstSeq, lastSeq, file })
    } catch (error) {
      log.error({ err: error, firstSeq, lastSeq }, 'journal: damaged block, and it cannot be copied')
      events.damaged?.({ firstSeq, lastSeq, file: segment.path })
    }
  }

  /** Called when all that was appended before is committed. @throws what the file system says; then it is tried again */
  async note(): Promise<void> {
    const { fs, clock } = this.#options
    for (let first = this.#told[0]; first; first = this.#told[0]) {
      const { firstSeq, lastSeq, file } = first
      const note = { first_seq: firstSeq, last_seq: lastSeq, told: new Date(clock.now()).toISOString() }
      await replaceFile(fs, noteOf(file), Buffer.from(`${JSON.stringify(note)}\n`))
      this.#told.shift()
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
