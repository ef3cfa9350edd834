/**
 * What does not hold yet, where the patterns match only the name that is written to: such steps wait until everything
 * is read, or are left out. Generations that nobody has met are looked for beside the one before them; what is not
 * found is
 *
 * - what was rotated away from a name that no followed file had: after a deletion or a replacement, nobody looks for it
 *   until another file has the name, and not at all once the agent has ended;
 * - what a start has found and not read before the agent ends again, since nothing in the journal names it;
 * - a file that was truncated, and renamed while the agent was away, or just before it ended: it looks older than what was
 *   read of it;
 * - where nothing notifies, what comes and goes between two scans.
 */
import type { Log } from './log.ts'
import type { Settings, Step } from './script.ts'

const rotates = new Set<Step['kind']>(['rename', 'copytruncate'])
const ends = new Set<Step['kind']>(['stop', 'crash'])
const unlinks = new Set<Step['kind']>(['replace', 'delete'])
const truncates = new Set<Step['kind']>(['copytruncate', 'truncate'])

export class NotYet {
  readonly #settings: Settings
  /** Logs whose name had no file that is followed, or another one. */
  readonly #unmet = new Set<Log>()
  /** Logs whose file was truncated since it was created. */
  readonly #truncated = new Set<Log>()
  #rotatedUnseen = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Whether everything must be read first. */
  waits({ kind }: Step, log: Log): boolean {
    if (this.#settings.matchesRotated) return false
    if (ends.has(kind)) return this.#rotatedUnseen || this.#unmet.size > 0
    return rotates.has(kind) && (this.#unmet.has(log) || this.#settings.watch === 'poll')
  }

  /** Asked after that wait, if there was one. */
  leavesOut({ kind }: Step, log: Log, running: boolean): boolean {
    if (this.#settings.matchesRotated || !rotates.has(kind)) return false
    return this.#unmet.has(log) || (kind === 'rename' && !running && this.#truncated.has(log))
  }

  done({ kind }: Step, log: Log, running: boolean): void {
    if (kind === 'rename' && this.#truncated.has(log)) this.#rotatedUnseen = true
    if (unlinks.has(kind)) this.#unmet.add(log)
    if (truncates.has(kind)) this.#truncated.add(log)
    if (kind === 'rename' || unlinks.has(kind)) this.#truncated.delete(log)
    if (!running && (rotates.has(kind) || unlinks.has(kind) || truncates.has(kind)))
      this.#rotatedUnseen = true
  }

  /** Everything is read. */
  caughtUp(): void {
    this.#rotatedUnseen = false
    for (const log of this.#unmet) if (log.current.lines.length > 0) this.#unmet.delete(log)
  }
}
