/**
 * What can still be had from a journal, whatever its state: every good block of every segment and of every copy of damaged
 * bytes. Where several hold a seq the newer segment wins, as everywhere.
 */
import { join } from 'node:path'
import { AffiantError, asError } from '../errors.ts'
import { decodeBody } from './block-decode.ts'
import type { CommittedBlock } from './contract.ts'
import { type Found, findBlocks } from './find-blocks.ts'
import type { FileSystem } from './fs-port.ts'
import type { KeyRing } from './key-ring.ts'
import { listJournal } from './list-journal.ts'
import { noRouteTable } from './route-tables.ts'
import { parseSegmentName, readSegmentHeader, type SegmentName } from './segment.ts'
import type { SegmentCipher } from './segment-cipher.ts'
import type { SegmentHeader } from './segment-header.ts'
import { SeqRanges } from './seq-ranges.ts'

interface Source {
  /** For people: below the journal directory. */
  readonly name: string
  readonly path: string
  readonly segment: SegmentName
  /** Of several with one seq, the highest counts. */
  readonly rank: number
  header: SegmentHeader | null
}

export interface SalvagedPart {
  readonly block: CommittedBlock
  readonly origin: string
  /** Indexes in the block: `[from, to)`. */
  readonly from: number
  readonly to: number
}

/** Bytes or seqs that are not there, in a sentence without its end. */
type Tell = (trouble: string) => void

export interface SalvageOptions {
  readonly fs: FileSystem
  readonly directory: string
  readonly keys: KeyRing
  readonly tell: Tell
}

export class Salvage {
  readonly #options: SalvageOptions
  readonly #sources: readonly Source[]
  readonly #ciphers: ReadonlyMap<string, SegmentCipher>
  /** The seqs that each source is to give. */
  readonly #share = new Map<Source, SeqRanges>()
  readonly #good = new SeqRanges()
  #highest = 0

  private constructor(
    options: SalvageOptions,
    sources: readonly Source[],
    ciphers: ReadonlyMap<string, SegmentCipher>,
  ) {
    this.#options = options
    this.#sources = sources
    this.#ciphers = ciphers
  }

  /** Reads everything once, to know which file is the best for each seq. */
  static async survey(options: SalvageOptions): Promise<Salvage> {
    const sources = await listSources(options)
    const salvage = new Salvage(options, sources, await readHeaders(options, sources))
    for (const source of sources.toReversed()) await salvage.#survey(source)
    return salvage
  }

  get files(): number {
    return this.#sources.length
  }

  /** Seqs between the first and the last that anything speaks of, and that no good block holds: `[first, next)`. */
  missing(): readonly (readonly [first: number, next: number])[] {
    const first = this.#good.list()[0]?.[0]
    return first === undefined ? [] : this.#good.missing(first, this.#highest)
  }

  /** Every good event once, oldest segment first. */
  async *parts(): AsyncGenerator<SalvagedPart> {
    for (const source of this.#sources) {
      const share = this.#share.get(source)
      if (!share || share.list().length === 0) continue
      const origin = this.#originOf(source)
      for await (const found of this.#blocksOf(source)) {
        if (found.kind !== 'block') continue
        const { firstSeq, count } = found.header
        const block = decodeBody(found.header, found.body, {
          epoch: source.segment.epoch,
          routeTable: source.header?.routeTable ?? noRouteTable,
        })
        for (const [first, next] of share.within(firstSeq, firstSeq + count)) {
          yield { block, origin, from: first - firstSeq, to: next - firstSeq }
        }
        share.remove(firstSeq, firstSeq + count)
      }
    }
  }

  async #survey(source: Source): Promise<void> {
    const { tell } = this.#options
    const share = new SeqRanges()
    for await (const found of this.#blocksOf(source)) {
      const { header } = found
      if (header) this.#highest = Math.max(this.#highest, header.firstSeq + header.count)
      if (found.kind === 'block') {
        const { firstSeq, count } = found.header
        for (const [first, next] of this.#good.missing(firstSeq, firstSeq + count)) share.add(first, next)
        continue
      }
      const seqs =
        header && header.count > 0 ? `, seq ${header.firstSeq}..${header.firstSeq + header.count - 1}` : ''
      tell(`${source.name} @${found.offset}..${found.end}${seqs}: ${found.why}`)
    }
    this.#share.set(source, share)
    for (const [first, next] of share.list()) this.#good.add(first, next)
  }

  async *#blocksOf({ path, header }: Source): AsyncGenerator<Found> {
    const file = await this.#options.fs.open(path, 'read')
    try {
      yield* findBlocks(file, {
        ...(header ? { from: header.dataStart } : {}),
        cipherOf: (incarnation) => this.#ciphers.get(incarnation.toString('hex')),
      })
    } finally {
      await file.close()
    }
  }

  /** Every segment of an epoch has the same. */
  #originOf({ segment }: Source): string {
    const known = this.#sources.find(({ header }) => header?.epoch === segment.epoch)
    return known?.header?.origin ?? `affiant/unknown/${segment.epoch}`
  }
}

/** Ascending by rank: segments by number, copies of their bytes right before them. */
async function listSources({ fs, directory }: SalvageOptions): Promise<Source[]> {
  const segments = (await listJournal(fs, directory)).map((name) => ({ name, of: name, below: 0 }))
  const aside = await fs.list(join(directory, 'damaged'))
  const copies = aside
    .filter((name) => !name.endsWith('.json'))
    .map((name) => ({
      name: `damaged/${name}`,
      of: name.slice(0, Math.max(0, name.lastIndexOf('@'))),
      below: 0.5,
    }))
  return [...segments, ...copies]
    .flatMap(({ name, of, below }) => {
      const segment = parseSegmentName(of)
      if (!segment) return []
      return [{ name, path: join(directory, name), segment, rank: segment.number - below, header: null }]
    })
    .toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
}

/** The ciphers of encrypted segments, by incarnation. What can't be read is told, and done without. */
async function readHeaders(
  { fs, keys, tell }: SalvageOptions,
  sources: readonly Source[],
): Promise<Map<string, SegmentCipher>> {
  const ciphers = new Map<string, SegmentCipher>()
  for (const source of sources) {
    // A copy from the middle of a segment has none.
    const isWhole = !source.name.includes('@') || source.name.endsWith('@0')
    if (!isWhole) continue
    const file = await fs.open(source.path, 'read')
    try {
      source.header = await readSegmentHeader(file, source.name)
      if (!source.header) tell(`${source.name}: no header page is readable`)
      const cipher = source.header && keys.open(source.header, source.name)
      if (cipher && source.header) ciphers.set(source.header.incarnation.toString('hex'), cipher)
    } catch (error) {
      if (!(error instanceof AffiantError)) throw error
      tell(asError(error).message)
    } finally {
      await file.close()
    }
  }
  return ciphers
}
