/** Waits, whenever somebody asks, until what the files hold at that moment is read and committed: whole lines, as always. */
import { abortable } from '../../../clock.ts'
import type { FollowedFiles } from '../finding/followed-files.ts'
import { statsOf } from '../progress.ts'
import { CatchUp } from './catch-up.ts'
import type { FollowedFile } from './followed-file.ts'

const asksAtOnce = 32

export interface ReadToEndOptions {
  readonly files: FollowedFiles
  /** Names that match and are not known. */
  readonly unknown: () => Promise<readonly string[]>
  readonly wake: (file: FollowedFile) => void
}

export class ReadToEnd {
  readonly #options: ReadToEndOptions
  readonly #asked = new Set<CatchUp>()

  constructor(options: ReadToEndOptions) {
    this.#options = options
  }

  /** What a file has in flight has settled. */
  check(file: FollowedFile): void {
    for (const round of this.#asked) round.check(file)
  }

  /** Rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { files, unknown } = this.#options
    const round = new CatchUp()
    this.#asked.add(round)
    try {
      // What notifications have not told of yet: names that others have by now, and new ones.
      await each(files.all, (file) => this.#lookFor(file), signal)
      await each(await unknown(), (path) => files.look(path), signal)
      await each(files.all, (file) => this.#expect(file, round), signal)
      round.complete()
      await abortable(round.done, signal)
    } finally {
      this.#asked.delete(round)
    }
  }

  async #lookFor(file: FollowedFile): Promise<void> {
    const { location } = file
    if (location === null || (await statsOf(file)) !== null) return
    await this.#options.files.lost(file, location).catch(() => undefined)
  }

  async #expect(file: FollowedFile, round: CatchUp): Promise<void> {
    const stats = await statsOf(file)
    const size = stats && Number(stats.size)
    const isBehind = stats === null || file.hasChanged(stats)
    if (isBehind) file.expectMore()
    const { scanned } = file.lines
    // Without a name, or shorter than what was read of it: its end tells.
    const endTells = size === null || size < scanned
    // Written to and no longer than before: so does that, or whatever is behind what was read.
    round.add(file, endTells ? Number.POSITIVE_INFINITY : isBehind ? Math.max(size, scanned + 1) : size)
    if (isBehind) this.#options.wake(file)
  }
}

async function each<T>(all: readonly T[], act: (one: T) => Promise<void>, signal: AbortSignal) {
  for (let first = 0; first < all.length; first += asksAtOnce) {
    signal.throwIfAborted()
    await Promise.all(all.slice(first, first + asksAtOnce).map(act))
  }
}
