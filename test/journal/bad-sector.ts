/** A journal on a disk with a page that cannot be read. */
import { type Clock, systemClock } from '../../src/clock.ts'
import type { OpenFile } from '../../src/journal/fs-port.ts'
import { CrashFileSystem } from './crash-file-system.ts'
import { batchOf, open, smallConfig, stream } from './journal-directory.ts'

export const page = 4096
/** What `written` appends, each in a block of its own. */
export const texts = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(900)}`)

/** A disk with one bad page in each segment that is read. */
export class BadSector extends CrashFileSystem {
  /** Offset of the bad page; null while all is well. */
  bad: number | null = null
  /** Whether nothing at all can be read. */
  dead = false

  override async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await super.open(path, mode)
    if (!path.endsWith('.seg')) return file
    return {
      ...file,
      read: async (buffer, position) => {
        const { bad } = this
        const hit = bad !== null && position < bad + page && position + buffer.byteLength > bad
        if (this.dead || hit) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
        return await file.read(buffer, position)
      },
    }
  }
}

export interface Range {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly file: string
}

export const openOn = (
  fs: BadSector,
  clock: Clock = systemClock,
  damaged: (range: Range) => void = () => {},
) =>
  open('/data', {
    fs,
    clock,
    config: smallConfig({ segment_size: '128KiB' }),
    lock: async () => ({ release: () => {} }),
    cacheBytes: 0,
    events: { damaged },
  })

export async function written(): Promise<BadSector> {
  const fs = new BadSector()
  const journal = await openOn(fs)
  for (const text of texts) await journal.append(batchOf([text]), { stream: stream(1) })
  await journal[Symbol.asyncDispose]()
  return fs
}

/** Seqs of the blocks that reach into the bad page: their bytes are lost. */
export function lostBetween(events: readonly [number, string][]): number[] {
  const there = new Set(events.map(([seq]) => seq))
  return texts.map((_, seq) => seq).filter((seq) => !there.has(seq))
}
