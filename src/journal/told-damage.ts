/**
 * Which damaged or lost seqs have been told: each once, also after restarts.
 *
 * `damaged/<what>.json` says which seqs they were. It is written when what was made of the telling is committed, so a kill
 * in between tells the same once more: rather twice than not at all.
 */
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { DamagedSeqs } from './contract.ts'
import type { FileSystem } from './fs-port.ts'
import { SeqRanges } from './seq-ranges.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

const content = z.object({
  first_seq: z.number().int().nonnegative(),
  last_seq: z.number().int().nonnegative(),
  told: z.string(),
})

const suffix = '.json'

export class ToldDamage {
  readonly #fs: FileSystem
  /** Of copies and notes. */
  readonly #directory: string
  readonly #epoch: number
  readonly #told = new SeqRanges()

  private constructor(fs: FileSystem, journalDirectory: string, epoch: number) {
    this.#fs = fs
    this.#directory = join(journalDirectory, 'damaged')
    this.#epoch = epoch
  }

  /** What was told of the journal of this epoch. A note that can't be read tells its damage once more. */
  static async read(fs: FileSystem, journalDirectory: string, epoch: number): Promise<ToldDamage> {
    const damage = new ToldDamage(fs, journalDirectory, epoch)
    for (const name of await fs.list(damage.#directory)) {
      if (!name.startsWith(`${epoch}-`) || !name.endsWith(suffix)) continue
      const note = parse(await readSmallFile(fs, join(damage.#directory, name)))
      if (note) damage.#told.add(note.first_seq, note.last_seq + 1)
    }
    return damage
  }

  /** What of it has not been told; from now on it counts as told. */
  take<T extends SeqRange>(damage: T): T[] {
    const { firstSeq: first, lastSeq: last } = damage
    const rest = this.#told.missing(first, last + 1)
    this.#told.add(first, last + 1)
    return rest.map(([firstSeq, next]) => ({ ...damage, firstSeq, lastSeq: next - 1 }))
  }

  /** The first seq of what was told right up to `seq`; `seq` when nothing was. */
  reachingTo(seq: number): number {
    return this.#told.list().find(([, next]) => next === seq)?.[0] ?? seq
  }

  /** Durable before this resolves. @throws what the file system says */
  async note(damage: DamagedSeqs, now: number): Promise<void> {
    const { firstSeq, lastSeq } = damage
    const note = { first_seq: firstSeq, last_seq: lastSeq, told: new Date(now).toISOString() }
    await this.#fs.makeDirectory(this.#directory)
    await replaceFile(this.#fs, this.#pathOf(damage), Buffer.from(`${JSON.stringify(note)}\n`))
  }

  /** Beside the copy of the bytes, where there is one. */
  #pathOf({ firstSeq, lastSeq, file }: DamagedSeqs): string {
    if (dirname(file) === this.#directory) return `${file}${suffix}`
    return join(this.#directory, `${this.#epoch}-seq-${firstSeq}-${lastSeq}${suffix}`)
  }
}

/** Both ends included. */
interface SeqRange {
  readonly firstSeq: number
  readonly lastSeq: number
}

function parse(bytes: Buffer | null): z.infer<typeof content> | undefined {
  try {
    return content.safeParse(JSON.parse(bytes?.toString() ?? '')).data
  } catch {
    return undefined
  }
}
