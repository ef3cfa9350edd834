/** MurmurHash3_x86_128 for any length, in BigInt, straight from its description: slow, and only to compare with. */
const mask = 0xffff_ffffn
const rotl = (x: bigint, r: bigint) => ((x << r) | (x >> (32n - r))) & mask
const constants = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n] as const
const keyRotations = [15n, 16n, 17n, 18n] as const
const stateRotations = [19n, 17n, 15n, 13n] as const
const additions = [0x561ccd1bn, 0x0bcaa747n, 0x96cd1c35n, 0x32ac3b17n] as const

function mixKey(k: bigint, i: number): bigint {
  return (rotl((k * constants[i]!) & mask, keyRotations[i]!) * constants[(i + 1) % 4]!) & mask
}

function avalanche(word: bigint): bigint {
  let h = word
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & mask
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & mask
  return h ^ (h >> 16n)
}

function addAll(h: bigint[]): void {
  h[0] = (h[0]! + h[1]! + h[2]! + h[3]!) & mask
  for (const i of [1, 2, 3]) h[i] = (h[i]! + h[0]!) & mask
}

export function murmur128(data: Buffer, seed: number): Buffer {
  const h = [seed, seed, seed, seed].map(BigInt)
  const blocks = data.length >> 4
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 4; i++) {
      h[i] = h[i]! ^ mixKey(BigInt(data.readUInt32LE(block * 16 + i * 4)), i)
      h[i] = ((rotl(h[i]!, stateRotations[i]!) + h[(i + 1) % 4]!) * 5n + additions[i]!) & mask
    }
  }
  const tail = Buffer.alloc(16)
  data.copy(tail, 0, blocks * 16)
  for (let i = 0; i < 4; i++) h[i] = h[i]! ^ mixKey(BigInt(tail.readUInt32LE(i * 4)), i)
  for (let i = 0; i < 4; i++) h[i] = h[i]! ^ BigInt(data.length)
  addAll(h)
  const mixed = h.map(avalanche)
  addAll(mixed)
  const out = Buffer.alloc(16)
  mixed.forEach((word, i) => {
    out.writeUInt32LE(Number(word), i * 4)
  })
  return out
}
