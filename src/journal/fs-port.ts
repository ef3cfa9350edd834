/**
 * What the journal asks of a file system: little, so that tests can own failing disks and crash points. The real one is
 * node-file-system.ts; the one that loses power lives in test/journal/.
 */

import type { Volume } from './volume.ts'

export interface OpenFile {
  /** Fills `buffer` from `position`; fewer bytes than asked for only at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** Writes all of `parts`, one after the other, from `position` on. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>
  /** fdatasync: data, and the metadata without which data can't be read back. Never retried by callers. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** A file that zeros are written into past the page cache. */
export interface DirectFile {
  /** Both multiples of 4096. False where this file cannot be written so: then nothing is said of what is there. */
  zeros(position: number, length: number): Promise<boolean>
  close(): Promise<void>
}

export interface FileSystem {
  /** `create` empties what is there; `write` and `read` need it to be there. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>
  /** A file that is there; null where there is no such way to write. */
  openDirect(path: string): Promise<DirectFile | null>
  /** Names in a directory; empty when there is none. */
  list(directory: string): Promise<string[]>
  /** With parents; fine when it is there. */
  makeDirectory(directory: string): Promise<void>
  syncDirectory(directory: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Fine when it isn't there. */
  remove(path: string): Promise<void>
  /** The volume that holds `path`. */
  volume(path: string): Promise<Volume>
  /** Bytes that this user may still take of that volume. */
  freeBytes(path: string): Promise<number>
}
