/** The last bytes before a position: cheap to look at after each read, and mostly enough to tell that a file is another one. */

/** Bytes, at most. */
export const span = 256

/** The last bytes of the two together. A view where it can be one. */
export function lastOf(first: Buffer, second: Uint8Array): Buffer {
  if (second.length >= span || first.length === 0) {
    const start = Math.max(0, second.length - span)
    return Buffer.from(second.buffer, second.byteOffset + start, second.length - start)
  }
  return Buffer.concat([first, second]).subarray(-span)
}

/** A copy with memory of its own: one from Node's pool would keep 8 KiB of that for each of 10,000 files. */
export function kept(bytes: Buffer): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}
