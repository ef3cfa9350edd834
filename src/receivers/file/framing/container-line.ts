/** What a container runtime wrote around each line of a container's output. */
import type { ContainerLine } from '../../../event/record.ts'
import { readCri } from './cri.ts'
import { readDocker } from './docker.ts'

export const containerFormats = ['none', 'auto', 'cri', 'docker'] as const
export type ContainerFormat = Exclude<(typeof containerFormats)[number], 'auto' | 'none'>

export interface Unwrapped {
  readonly container: ContainerLine
  readonly text: Buffer
  /** The runtime cut the line here: what follows on the same output belongs to it. */
  readonly partial: boolean
  readonly warnings?: readonly string[]
}

/** Undefined for a line that is not in the format. */
export type Unwrap = (line: Buffer) => Unwrapped | undefined

export const unwrappers: Readonly<Record<ContainerFormat, Unwrap>> = { cri: readCri, docker: readDocker }

/** Which of the formats a file's first line is in. */
export function containerFormatOf(line: Buffer): ContainerFormat | undefined {
  if (readCri(line) !== undefined) return 'cri'
  // A line that is longer than what is looked at here is cut off, and no JSON any more.
  if (readDocker(line) !== undefined || line.indexOf('{"log":"') === 0) return 'docker'
  return undefined
}
