/**
 * Bytes that batches were fixed to: `<directory>/<id>.body`, the plan's line and behind it the bytes. With its own line a
 * body can do without the log: should the log be damaged, the batch is still sent as it was fixed.
 */
import { open, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { systemCode } from '../errors.ts'
import { makeDirectory } from '../make-directory.ts'
import type { BatchPlan } from '../sinks/sink.ts'
import { syncDirectory } from '../sync-directory.ts'
import { decodeLine, encodeLine, type PlanRecord } from './plan-record.ts'

const NEWLINE = 0x0a

export class PlanBodies {
  readonly #directory: string
  readonly #warn: (message: string) => void

  constructor(directory: string, warn: (message: string) => void) {
    this.#directory = directory
    this.#warn = warn
  }

  /** Durable when it resolves. */
  async write(record: PlanRecord, body: Buffer): Promise<void> {
    await makeDirectory(this.#directory, 0o700)
    const handle = await open(this.#path(record.plan), 'w', 0o600)
    try {
      await handle.writev([Buffer.from(encodeLine(record)), body])
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await syncDirectory(this.#directory)
  }

  /** What was planned, its bytes included where it has some; undefined where they are gone. */
  async planOf({ plan: id, detail, body }: PlanRecord): Promise<BatchPlan | undefined> {
    if (detail === undefined) return undefined
    if (body === undefined) return { detail }
    const content = await this.#read(id)
    const bytes = content?.subarray(content.indexOf(NEWLINE) + 1)
    if (bytes !== undefined && bytes.length === body.bytes && crc32(bytes) === body.crc32) {
      return { detail, body: bytes }
    }
    this.#warn(`${this.#path(id)} is ${bytes === undefined ? 'missing' : 'damaged'}: made anew`)
    return undefined
  }

  /** The plan that a body says it belongs to; undefined where it does not say it. */
  async recordOf(id: number): Promise<PlanRecord | undefined> {
    const content = await this.#read(id)
    const end = content?.indexOf(NEWLINE) ?? -1
    const record = end < 0 ? undefined : decodeLine(content!.toString('utf8', 0, end))
    return record !== undefined && 'plan' in record && record.plan === id ? record : undefined
  }

  async ids(): Promise<number[]> {
    try {
      const names = await readdir(this.#directory)
      return names.flatMap((name) => /^(\d+)\.body$/.exec(name)?.[1] ?? []).map(Number)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw error
    }
  }

  async remove(id: number): Promise<void> {
    await unlink(this.#path(id)).catch(() => undefined)
  }

  async #read(id: number): Promise<Buffer | undefined> {
    return await readFile(this.#path(id)).catch(() => undefined)
  }

  #path(id: number): string {
    return join(this.#directory, `${id}.body`)
  }
}
