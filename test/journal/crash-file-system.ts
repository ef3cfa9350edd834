/**
 * A file system in memory that loses power and breaks on demand.
 *
 * What a power cut keeps: everything that was synced, any subset of the 4 KiB pages that were not, and a prefix of the
 * directory operations that were not. A sync that fails leaves pages that read well and are gone after a cut, as Linux
 * does.
 */
import { basename, dirname } from 'node:path'
import type { FileSystem, OpenFile } from '../../src/journal/fs-port.ts'
import type { Volume } from '../../src/journal/volume.ts'

const page = 4096

export type Operation =
  | 'open'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'syncDirectory'

class Inode {
  data: Buffer = Buffer.alloc(0)
  durable: Buffer = Buffer.alloc(0)
  readonly dirty = new Set<number>()

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.byteLength
    if (end > this.data.byteLength) this.data = resized(this.data, end)
    this.data.set(bytes, position)
    for (let at = Math.floor(position / page); at * page < end; at++) this.dirty.add(at)
  }

  truncate(length: number): void {
    this.data = resized(this.data, length)
  }

  sync(): void {
    this.durable = resized(this.durable, this.data.byteLength)
    for (const at of this.dirty) this.#keep(at)
    this.dirty.clear()
  }

  crash(keeps: () => boolean): void {
    for (const at of this.dirty) if (keeps()) this.#keep(at)
    this.dirty.clear()
    if (this.data.byteLength < this.durable.byteLength && keeps()) {
      this.durable = resized(this.durable, this.data.byteLength)
    }
    this.data = Buffer.from(this.durable)
  }

  #keep(at: number): void {
    const bytes = this.data.subarray(at * page, (at + 1) * page)
    const end = at * page + bytes.byteLength
    if (end > this.durable.byteLength) this.durable = resized(this.durable, end)
    this.durable.set(bytes, at * page)
  }
}

function resized(buffer: Buffer, length: number): Buffer {
  if (length <= buffer.byteLength) return buffer.subarray(0, length)
  const larger = Buffer.alloc(length)
  buffer.copy(larger)
  return larger
}

type Entries = Map<string, Inode>

export class CrashFileSystem implements FileSystem {
  #entries: Entries = new Map()
  #durable: Entries = new Map()
  #unsynced: { readonly directory: string; apply(entries: Entries): void }[] = []
  /** Operations until the power goes. */
  powerFor = Number.POSITIVE_INFINITY
  /** What every operation waits for. */
  answers: Promise<void> = Promise.resolve()
  /** The error that an operation meets, if any. */
  fails: (operation: Operation, path: string) => Error | null = () => null

  get hasPower(): boolean {
    return this.powerFor > 0
  }

  /** After a cut: what is left, and power again. */
  restart(keeps: () => boolean): void {
    for (const inode of new Set([...this.#entries.values(), ...this.#durable.values()])) inode.crash(keeps)
    while (this.#unsynced.length > 0 && keeps()) this.#unsynced.shift()!.apply(this.#durable)
    this.#unsynced = []
    this.#entries = new Map(this.#durable)
    this.powerFor = Number.POSITIVE_INFINITY
  }

  /** Paths that end in `suffix`, with their content: flip bits in it as you like. */
  files(suffix: string): { readonly path: string; readonly bytes: Buffer }[] {
    return [...this.#entries]
      .filter(([path]) => path.endsWith(suffix))
      .map(([path, { data }]) => ({ path, bytes: data }))
  }

  flip(path: string, offset: number, mask: number): void {
    const inode = this.#entries.get(path)!
    for (const bytes of [inode.data, inode.durable]) {
      if (offset < bytes.byteLength) bytes[offset] = bytes[offset]! ^ mask
    }
  }

  /** One thing that the disk does, or doesn't. */
  async step(operation: Operation, path: string): Promise<void> {
    // As with a real disk, others get their turn meanwhile.
    await this.answers
    if (this.powerFor <= 0) throw Object.assign(new Error('power lost'), { code: 'EIO' })
    this.powerFor--
    const error = this.fails(operation, path)
    if (error) throw error
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    await this.step('open', path)
    let inode = this.#entries.get(path)
    if (mode === 'create') {
      const created = new Inode()
      inode = created
      this.#change(dirname(path), (entries) => entries.set(path, created))
    }
    if (!inode) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
    return this.#file(inode)
  }

  /** As on one that knows no such writes. */
  async openDirect(): Promise<null> {
    return null
  }

  #file(inode: Inode): OpenFile {
    // A file keeps its inode and may change its name while it is open.
    const name = () => [...this.#entries].find(([, each]) => each === inode)?.[0] ?? 'removed'
    return {
      read: async (buffer, position) => {
        await this.step('read', name())
        return inode.data.copy(buffer, 0, Math.min(position, inode.data.byteLength))
      },
      write: async (parts, position) => {
        for (const part of parts) {
          await this.step('write', name())
          inode.write(part, position)
          position += part.byteLength
        }
      },
      sync: async () => {
        try {
          await this.step('sync', name())
        } catch (error) {
          inode.dirty.clear()
          throw error
        }
        inode.sync()
      },
      truncate: async (length) => {
        await this.step('truncate', name())
        inode.truncate(length)
      },
      size: async () => inode.data.byteLength,
      close: async () => {},
    }
  }

  async list(directory: string): Promise<string[]> {
    return [...this.#entries.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path))
  }

  async makeDirectory(): Promise<void> {}

  async syncDirectory(directory: string): Promise<void> {
    await this.step('syncDirectory', directory)
    for (const each of this.#unsynced) if (each.directory === directory) each.apply(this.#durable)
    this.#unsynced = this.#unsynced.filter((each) => each.directory !== directory)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.step('rename', to)
    const inode = this.#entries.get(from)
    if (!inode) throw Object.assign(new Error(`ENOENT: ${from}`), { code: 'ENOENT' })
    this.#change(dirname(to), (entries) => {
      entries.delete(from)
      entries.set(to, inode)
    })
  }

  async remove(path: string): Promise<void> {
    await this.step('remove', path)
    this.#change(dirname(path), (entries) => entries.delete(path))
  }

  async volume(): Promise<Volume> {
    return { bytes: 1024 ** 3, type: 0 }
  }

  /** What others have taken of the volume, bytes. */
  taken = 0

  async freeBytes(): Promise<number> {
    const files = [...this.#entries.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
    return 1024 ** 3 - this.taken - files
  }

  #change(directory: string, apply: (entries: Entries) => void): void {
    apply(this.#entries)
    this.#unsynced.push({ directory, apply })
  }
}
