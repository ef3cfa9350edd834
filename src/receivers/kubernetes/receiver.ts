/**
 * Follows the logs of this node's containers: a `file` receiver, guided by what the API server says of the pods.
 *
 * Order: pods are listed before the first log is opened, as far as that takes no longer than `attribution.wait`; then logs
 * are followed whether the API server answers or not.
 */
import { glob } from 'node:fs/promises'
import { matchesGlob } from 'node:path'
import { decodeDescriptor } from '../file/identity/descriptor.ts'
import { createFileReceiver, type FileReceiver } from '../file/receiver.ts'
import type { FileReceiverOptions } from '../file/receiver-options.ts'
import type { Receiver } from '../receiver.ts'
import { isReadingAnnotation } from './annotations.ts'
import { ApiServer } from './api/api-server.ts'
import { PodWatch } from './api/pod-watch.ts'
import type { Received } from './api/received.ts'
import { fileConfigOf, type KubernetesReceiverConfig } from './config.ts'
import { logPatterns } from './log-patterns.ts'
import type { NotifyOfPod } from './notice.ts'
import { PodGuide } from './pod-guide.ts'
import { podReading, type Readings } from './pod-reading.ts'
import { type PodReading, readPod } from './pods/pod.ts'
import { PodCache } from './pods/pod-cache.ts'
import { type OwnPod, Selection } from './selection/selection.ts'
import { Selections } from './selections.ts'
import { apiServerOf, nodeOf, ownPod } from './surroundings.ts'
import { watchNotes } from './watch-notes.ts'

export interface KubernetesReceiverOptions
  extends Omit<FileReceiverOptions, 'config' | 'detector' | 'guide' | 'signal' | 'delivered'> {
  readonly config: KubernetesReceiverConfig
  readonly readings: Readings
  readonly notify: NotifyOfPod
  /** Shared by all receivers of an agent. @default its own */
  readonly selections?: Selections
  /** @default as the environment says */
  readonly own?: OwnPod
  /** Between 0 and 1, for waits between attempts. @default Math.random */
  readonly random?: () => number
}

/** Milliseconds between two looks at what has waited long enough. */
const tick = 100

/** @throws AffiantError `config_invalid` where nobody says which node this is, or where the API server */
export function createKubernetesReceiver(options: KubernetesReceiverOptions): Receiver {
  const { name, config, clock, metrics } = options
  const log = options.log.child({ receiver: name })
  const { attribution } = config
  const node = nodeOf(name, config)
  const api = apiServerOf(name, config.api)
  const own = options.own ?? ownPod()
  if (own.pod_uid === undefined && own.namespace === undefined) {
    log.warn(
      'nobody says which pod the agent itself is in: set POD_NAME, POD_NAMESPACE and POD_UID by the downward API, or it may read its own log',
    )
  }
  const closing = new AbortController()
  const caughtUp = Promise.withResolvers<void>()
  const pods = new PodCache({ keep: attribution.keep, clock, changed: (pod) => look(pod) })
  const selection = new Selection(config.pods, own)
  const selections = options.selections ?? new Selections()
  selections.add(name, selection)
  const guide = new PodGuide({
    node,
    selection,
    pods,
    wait: attribution.wait,
    clock,
    log,
    unattributed: () => {
      metrics.podsUnattributed.inc({ receiver: name })
      watch.listAgain()
    },
    untold: () => watch.listAgain(),
  })
  const reading = readingOf(config)
  let files: FileReceiver | undefined
  let isListed = false
  let loops: Promise<unknown> = Promise.resolve()
  let stopped: Promise<void> | undefined

  const notes = watchNotes({ name, url: api.url, node, log, metrics })
  const watch = new PodWatch({
    api: new ApiServer(api),
    node,
    clock,
    ...(options.random && { random: options.random }),
    listed: (received) => {
      pods.replace(received.flatMap((one) => readPod(one, reading) ?? []))
      isListed = true
    },
    changed: (type, received: Received) => {
      const pod = readPod(received, reading)
      if (pod === undefined) return
      if (type === 'DELETED') pods.ended(pod)
      else pods.put(pod)
    },
    ...notes,
  })

  /** What is known of a pod has changed: its logs may have waited for that. */
  function look(pod: Parameters<PodGuide['released']>[0]): void {
    if (files === undefined) return
    const paths = guide.released(pod)
    for (const path of paths) void files.look(path)
    if (paths.length === 0 && guide.isNewlySelected(pod)) files.hurry()
    count()
  }

  function count(): void {
    metrics.pods.set({ receiver: name, state: 'present' }, pods.live)
    metrics.pods.set({ receiver: name, state: 'gone' }, pods.size - pods.live)
    metrics.pods.set({ receiver: name, state: 'unknown' }, guide.waiting)
  }

  /** Resolves when everything is listed and each log that is there has a pod, or `attribution.wait` is over. */
  async function known(): Promise<void> {
    guide.begin()
    const until = clock.monotonic() + attribution.wait
    while (clock.monotonic() < until && !closing.signal.aborted) {
      if (isListed && !(await isAnyUnknown())) return
      await clock.sleep(Math.min(tick, attribution.wait), closing.signal).catch(() => {})
    }
  }

  async function isAnyUnknown(): Promise<boolean> {
    for await (const path of glob(logPatterns(config))) if (guide.isUnknown(path)) return true
    return false
  }

  async function release(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(tick, closing.signal).catch(() => {})
      if (closing.signal.aborted) return
      for (const path of guide.due()) void files?.look(path)
      count()
    }
  }

  async function start(): Promise<void> {
    const watching = watch.run(closing.signal)
    loops = watching
    for (const { path, pod, preset } of followedBefore(options)) guide.remember(path, pod, preset)
    await known()
    if (closing.signal.aborted) return
    const detector = podReading({
      receiver: name,
      readings: options.readings,
      pods,
      places: guide.places,
      remembered: guide.remembered,
      notify: options.notify,
      log,
    })
    files = createFileReceiver({
      ...options,
      config: fileConfigOf(config),
      guide,
      detector,
      reads: (receiver, path) =>
        selections.reads(receiver, path, guide.places, pods) ?? options.reads?.(receiver, path) ?? true,
    })
    await files.start()
    guide.started()
    files.hurry()
    loops = Promise.all([watching, release()])
    files.caughtUp.then(caughtUp.resolve, caughtUp.reject)
    count()
  }

  async function stop(): Promise<void> {
    closing.abort()
    await loops
    await files?.stop()
    metrics.watchUp.set({ receiver: name }, 0)
  }

  return {
    name,
    caughtUp: caughtUp.promise,
    start,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
    trouble: () => notes.trouble() ?? files?.trouble?.() ?? null,
    readToEnd: async (signal) => await files?.readToEnd?.(signal),
    files: async (most) => (await files?.files?.(most)) ?? [],
    describe: () => files?.describe() ?? { verb: 'follows', what: logPatterns(config).join(', ') },
  }
}

/** The logs of this receiver that had not ended, the one met last at the end. */
function followedBefore({ name, known }: KubernetesReceiverOptions) {
  return known
    .flatMap(({ descriptor }) => decodeDescriptor(descriptor) ?? [])
    .filter(({ receiver, finished }) => receiver === name && finished === undefined)
    .toSorted((a, b) => (a.since ?? 0) - (b.since ?? 0))
}

function readingOf({ attribution, pods }: KubernetesReceiverConfig): PodReading {
  const among = (globs: readonly string[]) => (name: string) =>
    globs.some((glob) => glob === '*' || matchesGlob(name, glob))
  const annotations = among(attribution.annotations)
  return {
    labels: among(attribution.labels),
    annotations,
    // Large ones, as the last applied configuration, are not kept for nothing. A name may be a part of another: one too many.
    keepsAnnotation: (name) => isReadingAnnotation(name) || pods.annotations?.includes(name) === true,
  }
}
