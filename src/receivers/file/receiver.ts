import type { Receiver } from '../receiver.ts'
import { DeleteWhenDelivered } from './delete-when-delivered.ts'
import type { FileContext } from './file-context.ts'
import { Attention } from './finding/attention.ts'
import { Beside } from './finding/beside.ts'
import { Discovery } from './finding/discovery.ts'
import { FollowedFiles } from './finding/followed-files.ts'
import { Listings } from './finding/listings.ts'
import { OldFiles } from './finding/old-files.ts'
import { Patterns } from './finding/pattern.ts'
import { framingRules } from './framing/rules.ts'
import { StreamClaims } from './identity/claims.ts'
import { Copies } from './identity/copies.ts'
import { describedFile } from './identity/descriptor.ts'
import { FinishedStreams } from './identity/finished-streams.ts'
import { resume } from './identity/identify.ts'
import { InTurn } from './identity/in-turn.ts'
import { KnownFiles } from './identity/known.ts'
import { adoptOrphans } from './identity/orphans.ts'
import { Relatives } from './identity/relatives.ts'
import { describeFiles, progressOf } from './progress.ts'
import { ByteBudget } from './reading/budget.ts'
import { CatchUp } from './reading/catch-up.ts'
import { ChunkBuffers } from './reading/chunk-buffers.ts'
import type { FollowedFile } from './reading/followed-file.ts'
import { ReadToEnd } from './reading/read-to-end.ts'
import { Turns } from './reading/turns.ts'
import type { FileReceiverOptions } from './receiver-options.ts'
import { descriptorsForFiles, OpenFiles } from './source/open-files.ts'

/** Bytes read at once. */
const defaultChunkSize = 256 * 1024
/** Bytes handed on and not yet committed, over all files of a receiver. */
const inFlight = 8 * defaultChunkSize
const looksAtOnce = 16

/** One followed file, for people. */
interface FileStatus {
  readonly path: string
  /** Null while its first line is not complete. */
  readonly stream: string | null
  /** Bytes looked at, handed on as whole lines, and committed. */
  readonly scanned: number
  readonly read: number
  readonly committed: number
  /** Its name was taken by a rotation or deletion. */
  readonly rotated: boolean
}

export interface FileReceiver extends Receiver {
  status(): readonly FileStatus[]
  /** Paths that match and cannot be read right now. */
  unreadable(): readonly string[]
  /** What this path stands for may be read now, and may not have been before. */
  look(path: string): Promise<void>
  /** The same of paths that nobody can name: they are searched for soon. */
  hurry(): void
}

export function createFileReceiver(options: FileReceiverOptions): FileReceiver {
  const { name, config, intake, clock } = options
  const log = options.log.child({ receiver: name })
  const flight = new AbortController()
  const closing = new AbortController()
  const none = new AbortController().signal
  const signal = AbortSignal.any([flight.signal, options.signal ?? none])
  const background = AbortSignal.any([closing.signal, signal])
  const claims = options.claims ?? new StreamClaims()
  const reads = options.reads ?? (() => true)
  const { guide } = options
  const patterns = new Patterns(
    config.include,
    config.exclude,
    undefined,
    guide && ((path) => guide.admits(path)),
  )
  let ranBefore = false
  const known = new KnownFiles(options.known, (id, descriptor) => {
    const { receiver, path } = descriptor
    if (receiver === name) ranBefore = true
    // A path that it no longer names is not its own: its position stays in the journal, for whoever reads it next.
    if (!patterns.matches(path)) return false
    // What another one read, it goes on with when that does not read it any more: renamed, or another pattern.
    if (receiver !== name && reads(receiver, path)) return false
    // What it read before the restart stays its own, whichever receiver comes to the file first.
    if (claims.claim(id, descriptor.head, name) !== name) return false
    if (descriptor.finished === undefined) claims.claimFile(describedFile(descriptor), name)
    return true
  })
  const finished = new FinishedStreams(known.finished, clock, (stream) => {
    claims.release(stream)
    options.forget(stream)
  })
  const catchUp = new CatchUp()
  // A chunk of the longest record holds no longer one: what does not fit goes the way of long lines.
  const chunkSize = Math.min(options.chunkSize ?? defaultChunkSize, config.max_record + 1)
  const budget = new ByteBudget(options.maxInFlight ?? inFlight)
  const buffers = new ChunkBuffers(chunkSize, Math.ceil(budget.capacity / chunkSize))
  const turns = new Turns({ buffers, clock, log, signal: background })

  const wake = (file: FollowedFile) => {
    attention.active(file)
    turns.wake(file)
  }
  const context: FileContext = {
    receiver: name,
    agentId: options.agentId,
    metadata: { preset: config.mapping === undefined ? (config.preset ?? 'json') : 'mapping' },
    intake,
    patterns,
    known,
    claims,
    reads,
    budget,
    chunksInFlight: options.chunksInFlight ?? 2,
    clock,
    log,
    maxRecord: config.max_record,
    framing: framingRules(config, options.joining),
    guide,
    detector: options.detector,
    signal,
    closing: background,
    finished,
    openFiles: new OpenFiles({
      most: Math.min(config.max_open_files, descriptorsForFiles()),
      clock,
      log,
      counted: (open, limit) => {
        options.metrics.filesOpen.set({ receiver: name }, open)
        options.metrics.filesOpenLimit.set({ receiver: name }, limit)
      },
    }),
    oldFiles: new OldFiles(config.ignore_older, clock),
    listings: new Listings(clock, background),
    seenUntil: known.seenUntil(options.ranUntil),
    relatives: new Relatives(finished, known),
    searching: new InTurn(),
    get copies() {
      return copies
    },
    holdFor: options.holdFor ?? 10_000,
    wake,
    settled: (file) => {
      catchUp.check(file)
      ends.check(file)
      if (file.waiting || file.outgoing.failure) wake(file)
      if (file.successor && file.drained) {
        wake(file.successor)
        file.successor = null
      }
    },
  }
  const counted = () => {
    const ignored = context.oldFiles.size
    options.metrics.filesIgnored.set({ receiver: name }, ignored)
    options.metrics.filesWatched.set({ receiver: name }, files.size + files.unreadable.size + ignored)
  }
  const startAtEnd = config.start_at === 'end' && !ranBefore && !known.any
  const files = new FollowedFiles({
    context,
    patterns,
    catchUp,
    startAtEnd,
    wake,
    counted,
    missed: () => discovery.hurry(),
  })
  const isKnown = (path: string) => files.at(path) !== undefined || context.oldFiles.has(path)
  const copies = new Copies(files, context)
  const grace = options.grace ?? 5_000
  const attention = new Attention({
    files,
    oldFiles: context.oldFiles,
    clock,
    signal: background,
    poll: config.poll,
    alone: config.watch === 'poll',
    grace,
    wake,
    emptied: (file) => beside.suspects(file),
    expected: (file) => turns.expects(file),
  })
  const beside = new Beside({ files, context, signal: background })
  const discovery = new Discovery({
    patterns,
    clock,
    log,
    signal: background,
    ...(config.watch === 'poll' ? { alone: config.poll } : {}),
    has: isKnown,
    found: (path) => void files.look(path),
    changed: (path) => {
      beside.noticed(path)
      void files.look(path)
    },
    // A link is left to the watcher, which watches its target too.
    follows: (path) => files.at(path)?.found.linked === false,
    touched: (path, watched) => {
      const file = files.at(path) ?? files.at(watched)
      if (file) wake(file)
      else if (patterns.matches(path)) void files.look(path)
    },
  })
  const ends = new ReadToEnd({ files, unknown: async () => (await discovery.scan(isKnown)).paths, wake })
  const deletion =
    config.delete_after === 'delivered' && options.delivered
      ? new DeleteWhenDelivered({
          files,
          delivered: options.delivered,
          grace: config.delete_grace,
          intake,
          clock,
          log,
          signal: background,
        })
      : null
  let loops: Promise<unknown> = Promise.resolve()
  let stopped: Promise<void> | null = null

  /** What was read before comes before what is new: otherwise a copy of it could be taken for a file of its own. */
  async function resumeKnown(): Promise<void> {
    const expected = files.all.filter((file) => !file.stream && known.expects(file.found.inode))
    for (let first = 0; first < expected.length; first += looksAtOnce) {
      const some = expected.slice(first, first + looksAtOnce)
      await Promise.all(some.map((file) => resume(file, context).catch(() => false)))
    }
  }

  async function stop(): Promise<void> {
    closing.abort()
    await loops
    await discovery.stop()
    while (files.all.some((file) => file.outgoing.count > 0)) {
      // What the journal cannot take now stays in the files, and is read again after the restart.
      if (intake.pressure()) flight.abort()
      await clock.sleep(5)
    }
    await files.stop()
    counted()
  }

  return {
    name,
    caughtUp: catchUp.done,

    async start() {
      const { paths, unmatched } = await discovery.scan()
      for (let first = 0; first < paths.length; first += looksAtOnce) {
        await Promise.all(paths.slice(first, first + looksAtOnce).map((path) => files.look(path)))
      }
      for (const pattern of unmatched) {
        log.warn({ pattern }, `no file matches ${pattern} yet; it will be followed as soon as one does`)
      }
      await resumeKnown()
      await adoptOrphans({ files, patterns, context })
      await resumeKnown()
      await files.started()
      catchUp.complete()
      loops = Promise.allSettled([
        turns.run(),
        attention.run(),
        discovery.run(),
        beside.run(),
        deletion?.run(),
      ])
      await discovery.start()
    },

    stop() {
      stopped ??= stop()
      return stopped
    },

    readToEnd: (asked) => ends.run(AbortSignal.any([asked, background])),

    describe: () => ({ verb: 'follows', what: describeFiles(files.all, config.include) }),

    status: () =>
      files.all.map((file) => ({
        path: file.path,
        stream: file.stream?.id ?? null,
        scanned: file.lines.scanned,
        read: file.lines.next,
        committed: file.outgoing.committed,
        rotated: file.displaced,
      })),

    unreadable: () => files.unreadable.paths,

    trouble: () => files.unreadable.trouble,

    look: (path) => files.look(path),

    hurry: () => discovery.hurry(),

    files: (most) => progressOf(files.all, files.unreadable.paths, most),
  }
}
