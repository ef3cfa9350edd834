/** Bytes as a file that can be read. */
import type { OpenFile } from '../../src/journal/fs-port.ts'

export function memoryFile(bytes: Buffer): OpenFile {
  const readOnly = (): Promise<never> => Promise.reject(new Error('read only'))
  return {
    async read(buffer, position) {
      return position < bytes.byteLength ? bytes.copy(buffer, 0, position) : 0
    },
    async size() {
      return bytes.byteLength
    },
    async close() {},
    async sync() {},
    write: readOnly,
    truncate: readOnly,
  }
}
