/** Bytes that are all there, where a source is read in places. */
export function inMemory(bytes: Uint8Array) {
  return {
    read(buffer: Uint8Array, position: number): Promise<number> {
      const part = bytes.subarray(position, position + buffer.length)
      buffer.set(part)
      return Promise.resolve(part.length)
    },
  }
}
