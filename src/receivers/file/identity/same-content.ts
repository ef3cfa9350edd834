/** Whether a file holds what was read from another one: how copies and compressed forms are told from files of their own. */

import type { FollowedFile } from '../reading/followed-file.ts'
import type { PositionChecks } from '../reading/position-checks.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { sumOf } from '../source/content-sum.ts'
import { GzipSource } from '../source/gzip-source.ts'
import type { HeadHash } from './descriptor.ts'
import { hasHead, readAt } from './head.ts'

const span = 256
/** Bytes. Nothing begins anew with so much of what was there. */
const certainlySame = 64 * 1024

/** What is known of a stream's content. */
export interface Content {
  readonly head: HeadHash
  /** Of the place up to which it was read. */
  readonly checks: PositionChecks
  /** The file itself, while that is there. It may have been truncated meanwhile. */
  readonly source?: ByteSource
}

/** Bytes of content; of a compressed file, of what it holds. */
export async function contentSize(source: ByteSource): Promise<number> {
  return source instanceof GzipSource ? await source.measure() : await source.size()
}

/**
 * Whether `candidate` begins with what was read of the stream, or with as much of it as it has, and still goes on
 * like it as far as both go. False without evidence beyond an equal head, unless no more than that was read and
 * `likely` says that it is a copy: then nothing but the head could be left out by mistake.
 */
export async function holdsSame(candidate: ByteSource, content: Content, likely = false): Promise<boolean> {
  const { head, checks, source } = content
  if (!(await hasHead(candidate, head))) return false
  const size = await contentSize(candidate)
  // What is read meanwhile is not looked at.
  const { offset } = checks
  const agreed = await checks.agree(candidate, size)
  if (agreed === null) return false
  const whole = agreed > 0 && agreed >= Math.min(size, offset)
  // Nothing was read behind the head: only the file itself, or its name, can tell.
  const believed = whole || agreed > head.length || (likely && offset <= head.length)
  if (!source || !(await isUntouched(source, content))) return believed
  const common = Math.min(size, await contentSize(source))
  if (common > 0 && common <= agreed) return true
  const from = checks.from < common ? checks.from : 0
  if (await areAlike(source, candidate, from, common)) return true
  // What was truncated meanwhile is no evidence.
  return believed && !(await isUntouched(source, content))
}

/** Whether the shorter of the two is how the longer one begins, byte for byte. An empty first one is. */
export async function startAlike(one: ByteSource, other: ByteSource): Promise<boolean> {
  const [size, otherSize] = [await contentSize(one), await contentSize(other)]
  const common = Math.min(size, otherSize)
  return common === 0 ? size === 0 : await areAlike(one, other, 0, common)
}

/** Whether both hold the same between the two places. What differs mostly does so at one of them, which costs little to see. */
async function areAlike(one: ByteSource, other: ByteSource, from: number, to: number): Promise<boolean> {
  const length = Math.min(span, to - from)
  for (const start of [from, to - length]) {
    const [a, b] = await Promise.all([readAt(one, start, length), readAt(other, start, length)])
    if (!a.equals(b)) return false
  }
  if (to - from <= span) return true
  // Lines end alike, and files begin alike: nothing less than all of it says that nothing in it is to be read.
  const [sum, otherSum] = [await sumOf(one, from, to), await sumOf(other, from, to)]
  return sum !== null && sum === otherSum
}

/** Whether it is what the other begins with, or all of it, as a copy is that was made of what is there. */
export async function isBeginningOf(one: ByteSource, other: ByteSource): Promise<boolean> {
  // In this order: the other one grows.
  const size = await contentSize(one)
  return size <= (await contentSize(other)) && (await startAlike(one, other))
}

/**
 * Up to where a file that was cut off still holds what was read of it; 0 where it began anew. What begins anew may begin
 * alike, with its first line or more: only what has no other end than a piece of what was read is taken for that piece.
 */
export async function stillSame(file: FollowedFile): Promise<number> {
  const { gzip, replaced, head, lines } = file
  const { source } = file.found
  const size = gzip || replaced ? 0 : await source.size()
  if (size <= head.length || size >= lines.next || !(await hasHead(source, head))) return 0
  const same = await lines.checks.sameUpTo(source, size)
  const changed = lines.checks.placeBefore(size) > same
  return same <= head.length || (changed && same < certainlySame) ? 0 : same
}

/** A file that is gone altogether is not untouched either. */
export async function isUntouched(source: ByteSource, content: Content): Promise<boolean> {
  return await isUnchanged(source, content).catch(() => false)
}

/** The same of a file that can be read. Rejects where it cannot. */
export async function isUnchanged(source: ByteSource, { head, checks }: Content): Promise<boolean> {
  if (!(await hasHead(source, head))) return false
  if (!(source instanceof GzipSource)) return await checks.hold(source)
  // To look back in it costs as much as all of it, which says more, and is remembered.
  return (await checks.agree(source, Number.POSITIVE_INFINITY)) !== null
}
