/**
 * Each call that the journal makes of its file system fails in turn, once or until somebody mends it, with each error
 * that such a call can meet. Whatever fails: what was acknowledged is read back once and in order, by this run, by the
 * next and after a power cut; what was refused is seen by nobody; and the journal takes batches again by itself.
 * By default every day another part of the calls; AFFIANT_FULL=1 takes all.
 */
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { AffiantError } from '../../src/errors.ts'
import type { Journal } from '../../src/journal/contract.ts'
import { CrashFileSystem, type Operation } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from '../journal/journal-directory.ts'
import { full, seed } from '../seed.ts'

const errors: Record<Operation, readonly string[]> = {
  open: ['EIO', 'EROFS', 'ENOSPC', 'EMFILE'],
  read: ['EIO'],
  write: ['EIO', 'ENOSPC', 'EROFS', 'EDQUOT'],
  sync: ['EIO', 'ENOSPC'],
  truncate: ['EIO', 'EROFS'],
  rename: ['EIO', 'ENOSPC', 'EROFS'],
  remove: ['EIO', 'EROFS'],
  syncDirectory: ['EIO'],
}
const operations = Object.keys(errors).filter((name): name is Operation => name in errors)

/** Maintenance comes soon, group windows don't wait. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 2), signal) }
const config = smallConfig({ max_size: '1MiB', keep: '0ms' })
const text = (n: number) => `${n} ${'x'.repeat(9_000)}`

interface Fault {
  readonly operation: Operation
  /** Which call of this operation; counted from 0. */
  readonly call: number
  readonly code: string
  readonly lasts: boolean
}

class Scenario {
  readonly disk = new CrashFileSystem()
  readonly calls = new Map<Operation, number>()
  /** Acknowledged, by seq. */
  readonly acknowledged = new Map<number, string>()
  readonly refused = new Set<string>()
  #mended = false
  #next = 0

  constructor(fault: Fault | null) {
    this.disk.fails = (operation) => {
      const call = this.calls.get(operation) ?? 0
      this.calls.set(operation, call + 1)
      if (!fault || this.#mended || operation !== fault.operation) return null
      const hit = fault.lasts ? call >= fault.call : call === fault.call
      return hit ? Object.assign(new Error(`${fault.code}: simulated`), { code: fault.code }) : null
    }
  }

  /** A start that fails says so clearly, and the next one, on a mended disk, works. */
  async open(): Promise<Journal> {
    const options = {
      fs: this.disk,
      config,
      clock: hurried,
      cacheBytes: 0,
      lock: async () => ({ release: () => {} }),
    }
    try {
      return await open('/data', options)
    } catch (error) {
      expect(error).toBeInstanceOf(AffiantError)
      expect(error).toMatchObject({
        code: 'data_dir_unusable',
        hint: expect.stringContaining('agent.data_dir'),
      })
      this.#mended = true
      return await open('/data', options)
    }
  }

  async run(): Promise<void> {
    let journal = await this.open()
    const sink = await journal.cursor('sink', { start: 'earliest', required: true }).catch(async () => {
      this.#mended = true
      return await journal.cursor('sink', { start: 'earliest', required: true })
    })
    for (const count of [3, 1, 4]) await this.append(journal, count)
    await this.check(journal)
    sink.settle(4)
    await journal.useRoutes('["changed"]').catch(() => {})
    for (const count of [1, 5, 2]) await this.append(journal, count)
    await this.check(journal)

    this.#mended = true
    await journal.waitForRoom(AbortSignal.timeout(5_000))
    expect(journal.pressure).toBeNull()
    await this.append(journal, 2)
    expect(this.acknowledged.has(journal.durableSeq - 1)).toBe(true)
    await this.check(journal)
    await journal[Symbol.asyncDispose]()
    journal = await this.open()
    await this.check(journal)
    this.disk.powerFor = 0
    await journal[Symbol.asyncDispose]()
    this.disk.restart(() => false)
    journal = await this.open()
    await this.check(journal)
    await journal[Symbol.asyncDispose]()
  }

  /** As a receiver would: what is refused is not appended again, so that it would be noticed if it came back. */
  async append(journal: Journal, count: number): Promise<void> {
    const appended = Array.from({ length: count }, async () => {
      const n = this.#next++
      try {
        const { firstSeq } = await journal.append(batchOf([text(n)]), { stream: stream(1) })
        expect(this.acknowledged.has(firstSeq), `seq ${firstSeq} given away twice`).toBe(false)
        this.acknowledged.set(firstSeq, text(n))
      } catch (error) {
        expect(['journal_full', 'journal_unavailable']).toContain((error as AffiantError).code)
        expect(journal.pressure, 'refused without saying why').not.toBeNull()
        this.refused.add(text(n))
      }
    })
    await Promise.all(appended)
  }

  async check(journal: Journal): Promise<void> {
    const { firstSeq } = journal.stats()
    const events = await this.read(journal)
    for (const [, each] of events) expect(this.refused.has(each), 'refused, and there').toBe(false)
    const there = [...this.acknowledged].filter(([seq]) => seq >= firstSeq).sort(([a], [b]) => a - b)
    expect(events.map(([seq]) => seq)).toEqual(there.map(([seq]) => seq))
    expect(events.map(([, each]) => each)).toEqual(there.map(([, each]) => each))
    // What a required sink has not settled stays.
    expect(firstSeq).toBeLessThanOrEqual(4)
  }

  /** As a sink does: a read that fails is said, and tried again from where it was. */
  async read(journal: Journal): Promise<[number, string][]> {
    for (;;) {
      await using reader = journal.read(0)
      try {
        return await drain(reader)
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringContaining('simulated') })
        this.#mended = true
      }
    }
  }
}

async function callsWithoutFault(): Promise<ReadonlyMap<Operation, number>> {
  const scenario = new Scenario(null)
  await scenario.run()
  expect(scenario.refused.size).toBe(0)
  expect(scenario.acknowledged.size).toBe(18)
  return scenario.calls
}

const parts = full ? 1 : 12

test.each(operations)(
  'failures 14, 26: a fault at each %s',
  async (operation) => {
    const calls = (await callsWithoutFault()).get(operation) ?? 0
    expect(calls).toBeGreaterThan(0)
    const faults = errors[operation].flatMap((code) =>
      [true, false].flatMap((lasts) =>
        Array.from({ length: calls }, (_, call) => ({ operation, call, code, lasts })),
      ),
    )
    const among = Math.min(parts, faults.length)
    const chosen = faults.filter((_, index) => index % among === seed % among)
    for (const fault of chosen) {
      try {
        await new Scenario(fault).run()
      } catch (error) {
        throw new Error(`${JSON.stringify(fault)}: ${(error as Error).message}`, { cause: error })
      }
    }
    expect(chosen.length).toBeGreaterThan(0)
  },
  600_000,
)
