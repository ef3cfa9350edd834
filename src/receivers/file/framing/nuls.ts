/**
 * NULs before a line are no part of it: a writer that goes on at its old offset after its file was truncated leaves a
 * hole there, which reads as NULs, however large it is.
 */
const zeros = Buffer.alloc(64 * 1024)

/** Bytes of the NULs that `bytes` begin with, each of `unit` bytes. */
export function leadingNuls(bytes: Buffer, unit: number): number {
  let at = 0
  while (at + zeros.length <= bytes.length && zeros.equals(bytes.subarray(at, at + zeros.length))) {
    at += zeros.length
  }
  while (at < bytes.length && bytes[at] === 0) at += 1
  return at - (at % unit)
}
