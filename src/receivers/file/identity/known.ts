/** The streams this receiver had before the restart, until their files are found again. */
import type { StreamPosition } from '../../../event/batch.ts'
import type { KnownStream } from '../../receiver.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { decodeDescriptor, type FileDescriptor, type HeadHash } from './descriptor.ts'
import { hasHead } from './head.ts'

/** Milliseconds that it may take until what came and went is looked at. */
const unseenFor = 2_000

export interface KnownFile {
  readonly id: string
  readonly descriptor: FileDescriptor
  readonly position: StreamPosition
}

export class KnownFiles {
  /** Whether this receiver has ever run before: then nothing it finds is "there at first start". */
  readonly any: boolean
  /** Those whose input had ended. */
  readonly finished: readonly KnownFile[]
  /** Unix milliseconds between which this receiver ran, and maybe longer. Infinite where that is not known. */
  readonly #ranSince: number
  readonly #ranUntil: number
  readonly #byInode = new Map<string, KnownFile[]>()

  /** `ours` tells which of them belong to this receiver. */
  constructor(known: readonly KnownStream[], ours: (id: string, descriptor: FileDescriptor) => boolean) {
    const finished: KnownFile[] = []
    const begun: number[] = []
    const ended: number[] = []
    for (const { id, descriptor: bytes, position } of known) {
      const descriptor = decodeDescriptor(bytes)
      if (!descriptor || !ours(id, descriptor)) continue
      if (descriptor.since !== undefined) begun.push(descriptor.since)
      ended.push(...[descriptor.since, descriptor.finished].filter((time) => time !== undefined))
      if (descriptor.finished !== undefined) {
        finished.push({ id, descriptor, position })
        continue
      }
      const same = this.#byInode.get(descriptor.inode)
      if (same) same.push({ id, descriptor, position })
      else this.#byInode.set(descriptor.inode, [{ id, descriptor, position }])
    }
    this.finished = finished
    this.#ranSince = begun.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    this.#ranUntil = ended.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    this.any = this.#byInode.size > 0 || finished.length > 0
  }

  /**
   * Unix milliseconds: what came and went until then was looked at by the run before, which was there at `ranUntil`.
   * Undefined where this receiver never ran.
   */
  seenUntil(ranUntil = this.#ranUntil): number | undefined {
    if (!Number.isFinite(ranUntil)) return undefined
    // Not what was there before it ran at all.
    return Math.min(ranUntil, Math.max(ranUntil - unseenFor, this.#ranSince))
  }

  /** Whether a stream waits for this inode, whatever its content. */
  expects(inode: bigint): boolean {
    return this.#byInode.has(String(inode))
  }

  /** Whether `take` would find a stream for this file. */
  async recognises(inode: bigint, source: ByteSource): Promise<boolean> {
    for (const { descriptor } of this.#byInode.get(String(inode)) ?? []) {
      if (await hasHead(source, descriptor.head)) return true
    }
    return false
  }

  /**
   * The stream that this file was, and no longer waits for one. The device may differ: its number changes with
   * a reboot, so an equal inode and head are enough, but the same device is preferred.
   */
  async take(device: bigint, inode: bigint, source: ByteSource): Promise<KnownFile | undefined> {
    const candidates = [...(this.#byInode.get(String(inode)) ?? [])]
    const here = String(device)
    candidates.sort((a, b) => Number(b.descriptor.device === here) - Number(a.descriptor.device === here))
    for (const candidate of candidates) {
      if (await hasHead(source, candidate.descriptor.head)) {
        this.remove(candidate)
        return candidate
      }
    }
    return undefined
  }

  /** Streams of an inode that now belongs to a file with another beginning: their input is gone. */
  takeReplaced(device: bigint, inode: bigint): readonly KnownFile[] {
    const here = String(device)
    const replaced = (this.#byInode.get(String(inode)) ?? []).filter((one) => one.descriptor.device === here)
    for (const one of replaced) this.remove(one)
    return replaced
  }

  /** Those that begin like this. */
  withHead(head: HeadHash): readonly KnownFile[] {
    return this.remaining().filter(({ descriptor }) => descriptor.head.sha256 === head.sha256)
  }

  remaining(): readonly KnownFile[] {
    return [...this.#byInode.values()].flat()
  }

  remove(file: KnownFile): void {
    const same = this.#byInode.get(file.descriptor.inode)?.filter((one) => one !== file) ?? []
    if (same.length > 0) this.#byInode.set(file.descriptor.inode, same)
    else this.#byInode.delete(file.descriptor.inode)
  }
}
