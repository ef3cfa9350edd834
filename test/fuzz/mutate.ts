/** Invalid inputs from valid ones: bits flipped, parts cut, repeated and spliced, lengths that lie. */

type Random = () => number

const below = (random: Random, count: number) => Math.floor(random() * count)

/** Where decoders tend to have their limits. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

const longest = 256 * 1024

type Mutation = (bytes: Buffer, other: Buffer, random: Random) => Buffer

const mutations: readonly Mutation[] = [
  function flip(bytes, _other, random) {
    const changed = Buffer.from(bytes)
    for (let n = 1 + below(random, 4); n > 0; n--) {
      const at = below(random, changed.length)
      changed[at] = changed[at]! ^ (1 << below(random, 8))
    }
    return changed
  },
  function set(bytes, _other, random) {
    const changed = Buffer.from(bytes)
    changed[below(random, changed.length)] = below(random, 256)
    return changed
  },
  function insert(bytes, _other, random) {
    const at = below(random, bytes.length + 1)
    const more = Buffer.from(Array.from({ length: 1 + below(random, 8) }, () => below(random, 256)))
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  },
  function remove(bytes, _other, random) {
    const at = below(random, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 16))])
  },
  function truncate(bytes, _other, random) {
    return bytes.subarray(0, below(random, bytes.length + 1))
  },
  function repeat(bytes, _other, random) {
    const at = below(random, bytes.length)
    const part = bytes.subarray(at, at + 1 + below(random, 64))
    const times = 1 + below(random, random() < 0.02 ? 5000 : 20)
    return Buffer.concat([bytes.subarray(0, at), ...Array<Buffer>(times).fill(part), bytes.subarray(at)])
  },
  function splice(bytes, other, random) {
    return Buffer.concat([
      bytes.subarray(0, below(random, bytes.length + 1)),
      other.subarray(below(random, other.length + 1)),
    ])
  },
  /** A number where a length may be: fixed width, either end first, or a protobuf varint. */
  function lie(bytes, _other, random) {
    const changed = Buffer.from(bytes)
    const value = edges[below(random, edges.length)]!
    const encoded = lengths[below(random, lengths.length)]!(value)
    encoded.copy(changed, below(random, changed.length))
    return changed
  },
]

const lengths: readonly ((value: number) => Buffer)[] = [
  (value) => fixed(value, 4),
  (value) => fixed(value, 4).reverse(),
  (value) => fixed(value & 0xffff, 2),
  (value) => fixed(value, 8),
  (value) => {
    const bytes: number[] = []
    for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80)
    return Buffer.from([...bytes, value])
  },
]

function fixed(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width)
  for (let at = 0; at < width; at++) bytes[at] = Math.floor(value / 256 ** at) % 256
  return bytes
}

/** One to six changes of a member of the corpus; at most 256 KiB. */
export function mutant(corpus: readonly Buffer[], random: Random): Buffer {
  const pick = () => corpus[below(random, corpus.length)]!
  let bytes = pick()
  for (let n = 1 + below(random, 6); n > 0; n--) {
    if (bytes.length === 0) bytes = pick()
    bytes = mutations[below(random, mutations.length)]!(bytes, pick(), random).subarray(0, longest)
  }
  return bytes
}
