/**
 * A journal that went back in time (a restored snapshot, a copy) would give seqs away a second time. So a new epoch is begun in
 * its place: with the positions of its streams, so that files are read on, and without its events, which stay in the journal
 * that is set aside.
 *
 * `data_dir/next-epoch/` is made whole first; from `note.json` in it on, everything is moved, however often that takes: the old
 * parts to `data_dir/epochs/<epoch>/`, the new ones to their places, and the note, last, to `data_dir/new-epoch.json`, for the next
 * start to put on record. In between no journal opens there.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { AffiantError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { JournalConfig } from './config.ts'
import type { Journal } from './contract.ts'
import { readCursors } from './cursor-file.ts'
import type { FileSystem } from './fs-port.ts'
import { lockDataDir } from './lock.ts'
import { nextEpochOf, openJournal } from './open.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

const note = z.object({
  /** `affiant/<agent id>/<epoch>` of the journal that was set aside. */
  from_origin: z.string(),
  /** Its newest event; null where it had none. */
  last_seq: z.number().int().nonnegative().nullable(),
  /** Where it is. */
  set_aside: z.string(),
  /** Sinks that had not settled all of it, and from where on. */
  unsettled: z.array(z.object({ sink: z.string(), from: z.number().int().nonnegative() })),
  requested_by: z.object({ user: z.string(), uid: z.number(), sudo_user: z.string().optional() }),
  /** When, RFC 3339. */
  time: z.string(),
})

export type EpochNote = z.infer<typeof note>

export interface BeginEpochOptions {
  readonly fs: FileSystem
  readonly dataDir: string
  readonly agentId: string
  readonly config: JournalConfig
  readonly requester: EpochNote['requested_by']
  /** Called with the journal that gives way. */
  readonly leaving?: (journal: Journal) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

const moved = ['journal', 'cursors', 'plans', 'routes'] as const
const notePath = (dataDir: string) => join(dataDir, 'new-epoch.json')

/** @throws AffiantError data_dir_locked, journal_key, and as `openJournal` */
export async function beginEpoch(options: BeginEpochOptions): Promise<EpochNote> {
  const { fs, dataDir, clock } = options
  const lock = await lockDataDir(dataDir, { clock })
  try {
    const next = nextEpochOf(dataDir)
    // One that was ended halfway is gone on with.
    if ((await readNote(fs, next)) === undefined) await prepare(options, next)
    return await moveAll(fs, dataDir, next)
  } finally {
    lock.release()
  }
}

async function prepare(options: BeginEpochOptions, next: string): Promise<void> {
  const { fs, dataDir, requester, clock } = options
  const opening = { ...options, lock: async () => ({ release: () => {} }) }
  const old = await openJournal(opening)
  const { epoch, origin, durableSeq } = old
  const streams = old.liveStreams()
  if (old.recovery.found) await options.leaving?.(old)
  await old[Symbol.asyncDispose]()
  if (!old.recovery.found) {
    throw new AffiantError(
      'not_found',
      `there is no journal in ${dataDir}: the next start begins one by itself`,
    )
  }
  const { cursors, damaged } = await readCursors(fs, dataDir)
  await rm(next, { recursive: true, force: true })
  await using fresh = await openJournal({ ...opening, dataDir: next, begin: { after: epoch, streams } })
  for (const name of [...cursors.map((cursor) => cursor.name), ...damaged]) {
    await fresh.cursor(name, { start: 'earliest', required: true })
  }
  await fresh[Symbol.asyncDispose]()
  await mustBeWhole(fs, next, cursors.length + damaged.length)
  const unsettled = cursors
    .filter(({ settled }) => settled < durableSeq)
    .map(({ name, settled }) => ({ sink: name, from: settled }))
  const written: EpochNote = {
    from_origin: origin,
    last_seq: durableSeq === 0 ? null : durableSeq - 1,
    set_aside: join(dataDir, 'epochs', String(epoch)),
    unsettled: [...unsettled, ...damaged.map((sink) => ({ sink, from: 0 }))],
    requested_by: requester,
    time: new Date(clock.now()).toISOString(),
  }
  await replaceFile(fs, notePath(next), Buffer.from(`${JSON.stringify(written)}\n`))
}

/** What a journal could not write at its end it does not say. */
async function mustBeWhole(fs: FileSystem, next: string, cursors: number): Promise<void> {
  const segments = (await fs.list(join(next, 'journal'))).filter((name) => name.endsWith('.seg'))
  const written = await readCursors(fs, next)
  if (segments.length > 0 && written.cursors.length === cursors) return
  throw new AffiantError('journal_unavailable', `${next} could not be written; nothing has changed`)
}

async function moveAll(fs: FileSystem, dataDir: string, next: string): Promise<EpochNote> {
  const written = await readNote(fs, next)
  if (written === undefined) throw new Error('the note of a new epoch is gone')
  const { set_aside: aside } = written
  await fs.makeDirectory(aside)
  await moveEach(fs, dataDir, aside)
  await moveEach(fs, next, dataDir)
  await fs.rename(notePath(next), notePath(dataDir))
  await fs.syncDirectory(dataDir)
  await rm(next, { recursive: true })
  return written
}

/** What is there already was moved before. */
async function moveEach(fs: FileSystem, from: string, to: string): Promise<void> {
  const [source, target] = [await fs.list(from), await fs.list(to)]
  for (const name of moved) {
    if (source.includes(name) && !target.includes(name)) await fs.rename(join(from, name), join(to, name))
  }
  await fs.syncDirectory(to)
  await fs.syncDirectory(from)
}

/** What was done since the last start that put it on record; undefined where that is nothing, or cannot be read. */
export async function readNote(fs: FileSystem, dataDir: string): Promise<EpochNote | undefined> {
  const bytes = await readSmallFile(fs, notePath(dataDir)).catch(() => null)
  try {
    return bytes === null ? undefined : note.parse(JSON.parse(bytes.toString()))
  } catch {
    return undefined
  }
}

export const removeNote = (fs: FileSystem, dataDir: string): Promise<void> => fs.remove(notePath(dataDir))
