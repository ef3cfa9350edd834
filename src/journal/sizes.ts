/** How large segments are, and how much of the limit is kept for the agent's own events. All in bytes. */

const page = 4096
const mebibyte = 1024 ** 2

export interface Sizes {
  readonly max: number
  /** Of `max`, for the agent's own events only. */
  readonly reserved: number
  /** First segment of a run: small, so that a start doesn't wait for zeros to be written. */
  readonly first: number
  /** Segments that are opened while the journal is full. */
  readonly reserve: number
  /** Smallest one that is opened on a full disk. */
  readonly least: number
  /** The size after a segment of `size`: they grow to the configured one. */
  after(size: number): number
  /** Smallest file that holds `bytes`. */
  holding(bytes: number): number
}

export function chooseSizes(max: number, segmentSize: number): Sizes {
  const reserved = Math.min(16 * mebibyte, Math.floor(max / 4))
  // A limit holds several segments, or nothing could expire before all of it is needed.
  const largest = floorPage(Math.min(segmentSize, (max - reserved) / 8))
  const first = Math.min(4 * mebibyte, largest)
  return {
    max,
    reserved,
    first,
    reserve: Math.min(first, floorPage(reserved / 4)),
    least: Math.min(first, 256 * 1024),
    after: (size) => Math.max(first, Math.min(largest, floorPage(size) * 4)),
    holding: (bytes) => Math.ceil(bytes / page) * page,
  }
}

const floorPage = (bytes: number): number => Math.max(page, Math.floor(bytes / page) * page)
