/**
 * What a followed file is read from: bytes at positions, whatever gives them. Plain files read from a descriptor; other
 * sources (a compressed file) give the bytes that it stands for, and count positions in those.
 */
import type { BigIntStats } from 'node:fs'

export interface ByteSource {
  /** Reads now need no descriptor to be opened first. */
  readonly isOpen: boolean
  /**
   * Fills `buffer` from `position` on. Resolves to the bytes read: fewer than fit only at the end, 0 there. Positional:
   * nothing is remembered between reads that a caller could notice.
   */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** Bytes that can be read now. */
  size(): Promise<number>
  /** Of the file on disk, whatever its name has become. */
  stat(): Promise<BigIntStats>
  /** Its present name, or null when it has none, or none that can be told. `lastPath` is where it was seen last. */
  locate(lastPath: string): Promise<string | null>
  close(): Promise<void>
}
