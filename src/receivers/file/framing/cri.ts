/**
 * The log format of the Container Runtime Interface, as kubelet's readers define it (kubernetes/design-proposals,
 * "CRI: Log management"): `<RFC 3339 with nanoseconds> stdout|stderr <tag>[:<tag>…] <text>`, the first tag P for a
 * part of a line and F for a full one, or its last part.
 */
import type { Unwrapped } from './container-line.ts'

const space = 0x20
const outputs = ['stdout', 'stderr'] as const
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/
/** No time is longer. */
const longestTime = 35

export function readCri(line: Buffer): Unwrapped | undefined {
  const timeEnd = line.subarray(0, longestTime + 1).indexOf(space)
  if (timeEnd < 0) return undefined
  const written = line.toString('latin1', 0, timeEnd)
  if (!time.test(written)) return undefined
  const name = line.toString('latin1', timeEnd + 1, timeEnd + 8)
  const output = outputs.find((one) => name === `${one} `)
  if (output === undefined) return undefined
  const tagAt = timeEnd + 8
  const spaceAt = line.indexOf(space, tagAt)
  const tagsEnd = spaceAt < 0 ? line.length : spaceAt
  const [tag] = line.toString('latin1', tagAt, Math.min(tagsEnd, tagAt + 2)).split(':')
  if (tag !== 'P' && tag !== 'F') return undefined
  return {
    container: { time: written, output },
    text: line.subarray(Math.min(tagsEnd + 1, line.length)),
    partial: tag === 'P',
  }
}
