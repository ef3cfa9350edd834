/** What a look at a name found. */
import type { ByteSource } from '../source/byte-source.ts'

export interface FoundFile {
  /** Device and inode. */
  readonly key: string
  readonly device: bigint
  readonly inode: bigint
  readonly source: ByteSource
  readonly path: string
  /** Its name is a symbolic link. */
  readonly linked: boolean
  /** Where the link led by which it is followed; null if it is none. */
  readonly target: string | null
  /** Bytes when it was found. */
  readonly size: number
  /** When it was created, unix nanoseconds; 0 where the file system does not say. */
  readonly born: bigint
  /** When its content was begun, unix nanoseconds: of a compressed file, when that was last written to. */
  readonly begun: bigint
  /** When it was last written to by then, unix nanoseconds. */
  readonly written: bigint
}
