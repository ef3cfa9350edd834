/**
 * The short way for records that a client delivered, and that are laid out. Where they stood is said in another way than of
 * lines of a file, and an id is the one that came with the record: so their stencils are their own, and those of records
 * with and without one are kept apart.
 */
import type { LineRecord, RecordChunk } from '../../event/record.ts'
import { type RecordValues, valuesLength } from '../../event/record-layout.ts'
import { givenId } from '../origin.ts'
import type { Output } from './fill.ts'
import { LaidOutStencils } from './laid-out-stencils.ts'
import { type LineFacts, lineFacts } from './line-facts.ts'
import { peerText } from './peer-text.ts'
import { type Piece, pieceOf } from './piece.ts'
import type { Stencil } from './stencil.ts'
import type { Stencils } from './stencils.ts'

/** Room for an id. */
const noId = ' '.repeat(36)

export class ReceivedStencils {
  readonly #withId: LaidOutStencils
  readonly #withoutId: LaidOutStencils
  readonly #nextId: (observed: number) => string
  #facts: LineFacts | undefined
  #values: RecordValues | undefined
  /** An id that does not lie among the values. */
  readonly #ids = new DataView(new ArrayBuffer(noId.length))
  #observed = 0
  /** Those that `write` asked last. */
  #asked: LaidOutStencils
  #peer: { readonly of: RecordChunk['peer']; readonly piece: Piece } = peerPiece(undefined)

  /**
   * @param withId cut with records that bring an id; the others with such as do not
   * @param nextId by time, for events that have no other id
   */
  constructor(withId: Stencils, withoutId: Stencils, nextId: (observed: number) => string) {
    this.#withId = new LaidOutStencils(withId)
    this.#withoutId = new LaidOutStencils(withoutId)
    this.#asked = this.#withId
    this.#nextId = nextId
  }

  get served(): number {
    return this.#withId.served + this.#withoutId.served
  }

  /** Before each chunk that has values. */
  begin(chunk: RecordChunk, observedTime: string): void {
    const { stream, observed, peer } = chunk
    if (this.#peer.of !== peer) this.#peer = peerPiece(peer)
    // Of whom nothing is known, redaction may say even less.
    const isNobody = peer !== undefined && Object.keys(peer).length === 0
    this.#values = chunk.values!
    const { bytes } = this.#values
    this.#facts = isNobody
      ? undefined
      : lineFacts({ stream, observed, bytes }, noId, observedTime, this.#peer.piece)
    this.#observed = observed
    this.#withId.begin(chunk, this.#facts)
    this.#withoutId.begin(chunk, this.#facts)
  }

  /** Writes the record's event, if there is a stencil for it; returns that. `index` as provenance has it. */
  write(record: LineRecord, index: number, output: Output): Stencil | undefined {
    const facts = this.#facts
    const values = this.#values!
    if (facts === undefined) return undefined
    facts.start = record.layout.order.length === 0 ? 0 : values.places[2 * record.first]!
    facts.length = valuesLength(record, values)
    facts.index = index
    const isGiven = this.#useId(record, facts)
    this.#asked = isGiven ? this.#withId : this.#withoutId
    return this.#asked.write(record, values, facts, output)
  }

  /** Whether it brought the id that its event has. */
  #useId(record: LineRecord, facts: LineFacts): boolean {
    if (record.uuidAt !== undefined) {
      facts.ids = facts.view
      facts.idAt = record.uuidAt
      return true
    }
    const given = givenId(record, 0)
    const id = given ?? this.#nextId(this.#observed)
    for (let i = 0; i < noId.length; i++) this.#ids.setUint8(i, id.charCodeAt(i))
    facts.ids = this.#ids
    facts.idAt = 0
    return given !== undefined
  }

  /** Told of a record that took the general way, right after `write` returned undefined for it. */
  learn(record: LineRecord): void {
    if (this.#facts !== undefined) this.#asked.learn(record, this.#values!)
  }
}

function peerPiece(peer: RecordChunk['peer']) {
  return { of: peer, piece: pieceOf(peer === undefined ? new Uint8Array(0) : Buffer.from(peerText(peer))) }
}
