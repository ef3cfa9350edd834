/** What the journal is told of a followed file. */
import type { StreamPosition, StreamUpdate } from '../../../event/batch.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { PositionChecks } from '../reading/position-checks.ts'
import { encodeDescriptor, type FileDescriptor } from './descriptor.ts'

export function descriptorOf(file: FollowedFile, receiver: string): FileDescriptor {
  return {
    version: 1,
    receiver,
    path: file.path,
    device: String(file.found.device),
    inode: String(file.found.inode),
    head: file.head,
    ...(file.stream?.preset === undefined ? {} : { preset: file.stream.preset }),
    // What only the path says needs no remembering, and must not count as known.
    ...(file.stream?.pod === undefined || file.stream.warnings ? {} : { pod: file.stream.pod }),
    ...(file.generation > 0 ? { generation: file.generation } : {}),
    ...(file.found.born > 0n ? { born: String(file.found.born) } : {}),
    since: file.since,
    ...(file.corrupt ? { corrupt: true } : {}),
    ...(file.found.target === null ? {} : { target: file.found.target }),
    ...(file.location !== null && file.location !== file.path ? { moved: file.location } : {}),
  }
}

/** Where the stream is read on, with what lies before that. */
export function positionOf({ lines, position }: FollowedFile): StreamPosition {
  return checkedPosition(lines.checks, position)
}

export function checkedPosition(checks: PositionChecks, { offset, ranges }: StreamPosition): StreamPosition {
  const check = checks.at(offset)
  return { offset, ranges, ...(check ? { check } : {}) }
}

export function updateOf(file: FollowedFile, stream: string, receiver: string): StreamUpdate {
  return { stream, descriptor: encodeDescriptor(descriptorOf(file, receiver)), position: positionOf(file) }
}
