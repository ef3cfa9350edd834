/**
 * Where the agent hears commands: `control.sock` in the data directory. The kernel takes no longer address than a hundred
 * bytes or so; a longer path is named by way of its open directory (Linux).
 */
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that every system takes. */
const longest = 103

export const controlPath = (dataDir: string): string => join(dataDir, 'control.sock')

export interface ControlAddress extends Disposable {
  /** Good until this is disposed of. */
  readonly address: string
}

/** Throws as `open` does. */
export function controlAddress(dataDir: string): ControlAddress {
  const path = controlPath(dataDir)
  if (Buffer.byteLength(path) <= longest) return { address: path, [Symbol.dispose]: () => {} }
  const directory = openSync(dataDir, constants.O_RDONLY | constants.O_DIRECTORY)
  return {
    address: `/proc/self/fd/${directory}/control.sock`,
    [Symbol.dispose]: () => closeSync(directory),
  }
}
