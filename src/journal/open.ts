/** Opening a journal: lock, recover, seal what was found, begin a new segment. */
import { join } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import { AffiantError, asError, systemCode } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { JournalConfig } from './config.ts'
import type { DamagedSeqs, Journal, JournalRecovery, LiveStream } from './contract.ts'
import { type CursorContent, cursorPath, readCursors } from './cursor-file.ts'
import { Cursors } from './cursors.ts'
import { DiskFloor } from './disk-floor.ts'
import type { FileSystem } from './fs-port.ts'
import { goneBefore } from './gone-seqs.ts'
import { RunningJournal } from './journal.ts'
import type { JournalEvents } from './journal-events.ts'
import { JournalWriter } from './journal-writer.ts'
import { KeyRing, noKeyId } from './key-ring.ts'
import { type DataDirLock, fullDisk, lockDataDir } from './lock.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { reasonOf } from './pressure.ts'
import { readingAround } from './read-around.ts'
import { RecentBlocks } from './recent-blocks.ts'
import { type Recovered, recover } from './recovery.ts'
import { Retainer } from './retainer.ts'
import { hashRouteTable, keepRouteTable, noRouteTable } from './route-tables.ts'
import type { Segment } from './segment.ts'
import { SegmentSet } from './segment-set.ts'
import { LiveSettings } from './settings.ts'
import { Spare } from './spare.ts'
import { ToldDamage } from './told-damage.ts'
import { doubtsAbout } from './volume.ts'
import { Waiters } from './waiters.ts'

export interface JournalOptions {
  readonly dataDir: string
  readonly agentId: string
  readonly config: JournalConfig
  readonly log: Log
  readonly clock?: Clock
  readonly fs?: FileSystem
  /** Route table of the first batches; saves a segment over calling `useRoutes` after opening. */
  readonly routes?: string
  readonly events?: JournalEvents
  /** Counts commits, and what is damaged. */
  readonly metrics?: Pick<Metrics, 'journalCommits' | 'journalCommitSeconds' | 'journalDamagedEvents'>
  /** Queue behind an agent that has the directory. @default false */
  readonly waitLock?: boolean
  /** Ends waiting for the lock. */
  readonly signal?: AbortSignal
  /** Committed blocks kept in memory for readers at the head. @default 4 MiB */
  readonly cacheBytes?: number
  /** Where nothing is there yet: an epoch after that one, with these streams. @default an epoch of its own, without any */
  readonly begin?: { readonly after: number; readonly streams: readonly LiveStream[] }
  /** @default an exclusive transaction on `data_dir/lock` */
  readonly lock?: (dataDir: string) => Promise<DataDirLock>
}

const defaultCacheBytes = 4 * 1024 ** 2

/** @throws AffiantError data_dir_unusable, data_dir_locked, journal_format, journal_key */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { dataDir, clock = systemClock, fs = nodeFileSystem } = options
  const directory = join(dataDir, 'journal')
  await refuseHalfway(fs, dataDir)
  try {
    for (const each of [directory, join(dataDir, 'cursors'), join(dataDir, 'routes')]) {
      await fs.makeDirectory(each)
    }
    await fs.syncDirectory(dataDir)
  } catch (error) {
    throw unusable(dataDir, error)
  }
  const waiting = options.signal ? { signal: options.signal } : {}
  const lock = options.lock
    ? await options.lock(dataDir)
    : await lockDataDir(dataDir, {
        clock,
        wait: options.waitLock ?? false,
        onWait: (message) => options.log.info(`${message}; waiting until it leaves`),
        ...waiting,
      })
  try {
    // It may have been waited for.
    await refuseHalfway(fs, dataDir)
    return await openLocked({ ...options, clock, fs }, directory, lock)
  } catch (error) {
    lock.release()
    throw error instanceof AffiantError || systemCode(error) === undefined ? error : unusable(dataDir, error)
  }
}

async function openLocked(
  options: JournalOptions & { readonly clock: Clock; readonly fs: FileSystem },
  directory: string,
  lock: DataDirLock,
): Promise<Journal> {
  const { dataDir, agentId, config, clock, fs, log } = options
  const events = options.metrics ? counted(options.events, options.metrics) : (options.events ?? {})
  const started = clock.monotonic()
  const keys = new KeyRing(config.encryption?.keys, config.encryption?.encrypt)
  const found = await recover(readingAround(fs, { clock, log, patience: 0 }), directory, keys)
  const last = found.segments.at(-1)
  const epoch = found.epoch ?? Math.max(clock.now(), (options.begin?.after ?? 0) + 1)
  if (found.epoch === null) for (const stream of options.begin?.streams ?? []) found.streams.apply(stream)
  const origin = `affiant/${agentId}/${epoch}`
  if (last) checkOrigin(dataDir, last, origin)
  const cursorFiles = await readCursors(fs, dataDir)
  for (const name of cursorFiles.damaged) {
    log.warn({ file: cursorPath(dataDir, name) }, 'cursor damaged: its sink gets again all that is kept')
  }
  const behind = behindCursors(found, cursorFiles.cursors, epoch, directory)
  const nextSeq = Math.max(found.nextSeq, ...behind.map(({ lastSeq }) => lastSeq + 1))

  const told = await ToldDamage.read(fs, directory, epoch)
  const damaged = [
    ...found.damaged,
    ...goneBefore(found.segments[0], cursorFiles.cursors),
    ...behind,
  ].flatMap((range) => told.take(range))

  const segments = new SegmentSet(found.segments)
  const volume = await fs.volume(dataDir)
  const settings = new LiveSettings(config, volume.bytes)
  const floor = new DiskFloor({ fs, directory, least: () => settings.floor })
  let moved = () => {}
  const cursors = new Cursors({
    fs,
    dataDir,
    epoch,
    clock,
    found: cursorFiles.cursors,
    damaged: { names: cursorFiles.damaged, from: segments.firstSeq },
    moved: () => moved(),
  })
  const shared = { fs, clock, log, segments, cursors, events, settings }
  const recent = new RecentBlocks(options.cacheBytes ?? defaultCacheBytes)
  const committed = new Waiters()
  const room = new Waiters()
  const spare = new Spare(fs, directory)
  const writer = new JournalWriter(
    {
      ...shared,
      directory,
      epoch,
      origin,
      sizes: settings.sizes,
      floor,
      spare,
      recent,
      streams: found.streams,
      keys,
      committed,
      room,
      retainer: new Retainer(shared),
    },
    {
      end: found.end,
      nextSeq,
      nextNumber: found.nextNumber,
      routeTable:
        options.routes === undefined
          ? (last?.header.routeTable ?? noRouteTable)
          : hashRouteTable(options.routes),
      prepare: async () => {
        if (options.routes !== undefined) await keepRouteTable(fs, dataDir, options.routes)
      },
    },
  )
  // Where there is something to deliver or to remove, space may come of it.
  await writer.start(last !== undefined)
  if (writer.pressure && last) {
    // Nothing of it that counts lies behind its end, and it may be what the volume lacks.
    await trim(fs, last)
    await writer.maintain()
  }
  // It only saves space, and the next start tries again.
  if (last) await trim(fs, last).catch((err: unknown) => log.warn({ err }, 'journal: end not trimmed'))
  const recovery: JournalRecovery = {
    found: found.epoch !== null,
    milliseconds: clock.monotonic() - started,
    tornBytes: found.tornBytes,
    events: nextSeq - segments.firstSeq,
    damaged,
    clean: found.clean,
    ...(last && keyChange(last.header.keyId, keys.currentId)),
  }
  for (const damage of recovery.damaged) {
    log.error(damage, `journal: events found ${damage.gone ? 'gone' : 'damaged'} at start`)
    options.metrics?.journalDamagedEvents.inc(countOf(damage))
  }
  const doubts = doubtsAbout(volume)
  if (doubts !== undefined)
    log.warn({ directory: dataDir }, `journal ${doubts}; give agent.data_dir a local disk`)
  if (recovery.tornBytes > 0) log.warn({ bytes: recovery.tornBytes }, 'journal: torn end discarded')
  const journal = new RunningJournal({
    ...shared,
    dataDir,
    directory,
    epoch,
    origin,
    recovery,
    told,
    recent,
    writer,
    committed,
    room,
    lock,
    encrypted: keys.encrypts,
    streams: found.streams,
  })
  moved = () => journal.cursorMoved()
  return journal
}

/** Where the next epoch is made before it takes the place of this one. */
export const nextEpochOf = (dataDir: string): string => join(dataDir, 'next-epoch')

/** From its note on, parts of it are in place, and parts of the one before. */
async function refuseHalfway(fs: FileSystem, dataDir: string): Promise<void> {
  const made = await fs.list(nextEpochOf(dataDir)).catch((): string[] => [])
  if (!made.includes('new-epoch.json')) return
  throw new AffiantError(
    'data_dir_unusable',
    `${dataDir}: a new epoch was begun, and not all of it is in place`,
    {
      hint: 'affiant journal new-epoch goes on with it',
    },
  )
}

function counted(
  events: JournalEvents | undefined,
  metrics: NonNullable<JournalOptions['metrics']>,
): JournalEvents {
  return {
    ...events,
    committed(commit) {
      metrics.journalCommits.inc()
      metrics.journalCommitSeconds.observe(commit.milliseconds / 1000)
      events?.committed?.(commit)
    },
    damaged(damage) {
      metrics.journalDamagedEvents.inc(countOf(damage))
      events?.damaged?.(damage)
    },
  }
}

const countOf = ({ firstSeq, lastSeq }: DamagedSeqs): number => lastSeq - firstSeq + 1

/** The origin is part of the evidence: another agent's journal can't be continued under a new name. */
function checkOrigin(dataDir: string, { header }: Segment, origin: string): void {
  if (header.origin === origin) return
  const theirs = agentOf(header.origin)
  const ours = agentOf(origin)
  throw new AffiantError(
    'data_dir_unusable',
    `${dataDir} holds the journal of agent ${theirs}, not ${ours}`,
    {
      hint: `set agent.id back to ${theirs}, or give agent ${ours} its own agent.data_dir`,
    },
  )
}

const agentOf = (origin: string): string => origin.slice(origin.indexOf('/') + 1, origin.lastIndexOf('/'))

/**
 * A sink has settled seqs that the journal doesn't hold: acknowledged blocks at its very end were lost to damage that
 * looks like a torn write. Their seqs left the agent, so they are never given away again.
 */
function behindCursors(
  { nextSeq, segments }: Recovered,
  cursors: readonly CursorContent[],
  epoch: number,
  directory: string,
): DamagedSeqs[] {
  const settled = cursors.filter((cursor) => cursor.epoch === epoch).map((cursor) => cursor.settled)
  const highest = Math.max(0, ...settled)
  if (highest <= nextSeq) return []
  return [{ firstSeq: nextSeq, lastSeq: highest - 1, file: segments.at(-1)?.path ?? directory, gone: true }]
}

/** Its successor is durable: what lies behind its end is given back. */
async function trim(fs: FileSystem, segment: Segment): Promise<void> {
  if (segment.size === segment.end) return
  const file = await fs.open(segment.path, 'write')
  try {
    await file.truncate(segment.end)
    segment.size = segment.end
  } finally {
    await file.close()
  }
}

function keyChange(before: string, now: string): Pick<JournalRecovery, 'keyChange'> {
  const idOf = (id: string) => (id === noKeyId ? null : id)
  return before === now ? {} : { keyChange: { from: idOf(before), to: idOf(now) } }
}

function unusable(dataDir: string, error: unknown): AffiantError {
  if (reasonOf(error) === 'disk_full') return fullDisk(dataDir, error)
  return new AffiantError('data_dir_unusable', `${dataDir}: ${asError(error).message}`, {
    cause: error,
    hint: 'agent.data_dir must be a directory that this user can write, on a disk with free space',
  })
}
