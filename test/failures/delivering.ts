/** A journal on a real disk, deliveries from it to real HTTP destinations, and numbered events. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import type { Delivery } from '../../src/delivery/delivery.ts'
import { createDelivery } from '../../src/delivery/loop.ts'
import { openPlanLog } from '../../src/delivery/plan-log.ts'
import type { Journal } from '../../src/journal/contract.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { range } from '../delivery/scripted-sink.ts'
import { batchOf, stream } from '../journal/journal-directory.ts'

/** Started; its dead letters are in `dataDir/dlq/<name>`, and where it has plans, they are in `dataDir/plans/<name>`. */
export async function delivering(
  journal: Journal,
  dataDir: string,
  sink: Sink,
  name: string = sink.name,
  { maxEvents = 50, warn = (message: string): void => expect.fail(message) } = {},
): Promise<Delivery> {
  const deadLetters = await openDeadLetters({ directory: join(dataDir, 'dlq', name), clock: systemClock })
  const cursor = await journal.cursor(name, { start: 'earliest', required: true })
  const plans =
    sink.plans &&
    (await openPlanLog({
      directory: join(dataDir, 'plans', name),
      type: sink.type,
      durable: () => cursor.durable,
      warn,
    }))
  const delivery = createDelivery({
    sink,
    journal,
    cursor,
    ...(plans && { plans }),
    select: () => ({ mask: Uint32Array.of(0xffff_ffff), overrides: undefined }),
    config: {
      batch: { max_bytes: 16 * 1024, max_events: maxEvents, timeout: 20, linger: 2 },
      concurrency: { min: 3, max: 3 },
      retry: { initial: 5, max: 20 },
    },
    deadLetters,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    metrics: createMetrics(),
  })
  const stop = async (milliseconds: number) => {
    await delivery.stop(milliseconds)
    await deadLetters[Symbol.asyncDispose]()
    await plans?.[Symbol.asyncDispose]()
  }
  // A test that fails must not leave it running.
  onTestFinished(() => stop(0))
  await delivery.start()
  return {
    start: () => delivery.start(),
    status: () => delivery.status(),
    unsettled: () => delivery.unsettled(),
    settledThrough: (seq, signal) => delivery.settledThrough(seq, signal),
    stop,
  }
}

/** Dead letters of a sink as they lie on the disk. */
export async function lettersOf(
  dataDir: string,
  name: string,
): Promise<{ readonly reason: string; readonly event: { readonly n: number } }[]> {
  const directory = join(dataDir, 'dlq', name)
  const files = await readdir(directory).catch(() => [])
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line))
}

/** Appends events with the numbers from `from` to below `to`; `extra` goes into each. */
export async function append(
  journal: Journal,
  from: number,
  to: number,
  extra: (n: number) => string = () => '',
) {
  const texts = range(from, to).map((n) => JSON.stringify({ action: 'test.event', extra: extra(n), n }))
  await journal.append(batchOf(texts), { stream: stream(1) })
}

/** The numbers of output lines. */
export const numbersIn = (lines: readonly string[]): number[] =>
  lines.map((line) => {
    const { n }: { n: number } = JSON.parse(line)
    return n
  })
