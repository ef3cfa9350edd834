/**
 * MurmurHash3_x86_128 (Austin Appleby, public domain algorithm), seed 0, over exactly 32 bytes: a generation of 16
 * bytes, an offset (u64), a checksum (u32) and a sub-index (u32), all little endian.
 *
 * Why not a cryptographic hash: nobody is kept from choosing ids here (who writes the file writes the records),
 * and SHA-256 would cost more than the rest of an id by far. What matters is that two positions of one generation
 * do not meet, and there this function is exact: mixing a block into a given state and the finalisation are both
 * bijections, so for one generation different (offset, checksum, sub-index) have different 128 bits. Of those a UUID
 * keeps 122.
 */
const c1 = 0x239b961b
const c2 = 0xab0e9789
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93
const inputBytes = 32

const rotl = (x: number, r: number) => (x << r) | (x >>> (32 - r))

/** The 32-bit finaliser: every input bit reaches every output bit. */
function avalanche(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The state of the hash, and in the end its result: four words of 32 bits. */
type State = Uint32Array

function mixBlock(state: State, k1: number, k2: number, k3: number, k4: number): void {
  let h1 = state[0]!
  let h2 = state[1]!
  let h3 = state[2]!
  let h4 = state[3]!
  h1 ^= Math.imul(rotl(Math.imul(k1, c1), 15), c2)
  h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0
  h2 ^= Math.imul(rotl(Math.imul(k2, c2), 16), c3)
  h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0
  h3 ^= Math.imul(rotl(Math.imul(k3, c3), 17), c4)
  h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0
  h4 ^= Math.imul(rotl(Math.imul(k4, c4), 18), c1)
  h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  state[0] = h1
  state[1] = h2
  state[2] = h3
  state[3] = h4
}

/** Sets `state` to what it is behind the generation's 16 bytes: the same for every record of a generation. */
export function beginHash(state: Uint32Array, generation: Uint32Array): void {
  state.fill(0)
  mixBlock(state, generation[0]!, generation[1]!, generation[2]!, generation[3]!)
}

/** Mixes a position into `state`, as `beginHash` left it, and finishes: `state` is the hash. */
export function finishHash(state: Uint32Array, offset: number, checksum: number, subIndex: number): void {
  mixBlock(state, offset | 0, Math.floor(offset / 0x1_0000_0000), checksum, subIndex)
  let h1 = state[0]! ^ inputBytes
  let h2 = state[1]! ^ inputBytes
  let h3 = state[2]! ^ inputBytes
  let h4 = state[3]! ^ inputBytes
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = avalanche((h2 + h1) | 0)
  h3 = avalanche((h3 + h1) | 0)
  h4 = avalanche((h4 + h1) | 0)
  h1 = avalanche(h1)
  h1 = (h1 + h2 + h3 + h4) | 0
  state[0] = h1
  state[1] = h2 + h1
  state[2] = h3 + h1
  state[3] = h4 + h1
}
