/** Journals in temporary directories, and batches to put in them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EncodedBatch } from '../../src/event/batch.ts'
import { journalConfig } from '../../src/journal/config.ts'
import type { CommittedBlock, JournalReader } from '../../src/journal/contract.ts'
import { type JournalOptions, openJournal } from '../../src/journal/open.ts'
import { silentLog } from '../../src/telemetry/log.ts'

export const stream = (n: number): string => n.toString(16).padStart(32, '0')

/** A directory that goes when it is disposed of. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'affiant-journal-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Small segments, no waiting: what tests want where they don't say otherwise. */
export function smallConfig(settings: Record<string, unknown> = {}) {
  return journalConfig.parse({ max_size: '8MiB', segment_size: '64KiB', ...settings })
}

export function open(dataDir: string, options: Partial<JournalOptions> = {}) {
  return openJournal({ dataDir, agentId: 'test', config: smallConfig(), log: silentLog, ...options })
}

/** Events with these texts; `raw` beside them where given. */
export function batchOf(texts: readonly string[], raw: readonly string[] = []): EncodedBatch {
  const events = texts.map((text) => Buffer.from(text))
  const raws = texts.map((_, i) => Buffer.from(raw[i] ?? ''))
  return {
    count: texts.length,
    payload: Buffer.from(texts.map((text) => `${text}\n`).join('')),
    lengths: Uint32Array.from(events, ({ byteLength }) => byteLength),
    raw: Buffer.concat(raws),
    rawLengths: Uint32Array.from(raws, ({ byteLength }) => byteLength),
    routes: Uint32Array.from(events, (_, i) => i + 1),
    routeWords: 1,
    observedMin: 1_700_000_000_000,
    observedMax: 1_700_000_000_999,
  }
}

function textsOf(block: CommittedBlock): string[] {
  const texts = block.payload.toString().split('\n')
  texts.pop()
  return texts
}

/** Everything a reader has to give below `end`, in whole blocks, as `[seq, text]`. */
export async function drain(reader: JournalReader, end = Infinity): Promise<[number, string][]> {
  const events: [number, string][] = []
  while (reader.position < end) {
    const block = await reader.next()
    if (!block) break
    const { firstSeq } = block
    events.push(...textsOf(block).map((text, i): [number, string] => [firstSeq + i, text]))
  }
  return events
}

/** Polls until `condition` holds; fails after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
