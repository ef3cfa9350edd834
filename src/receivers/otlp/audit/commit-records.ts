/**
 * Records that are good become blocks of the journal: those of a chain in the chain's own stream, each in its place, the others
 * in that of the listener.
 */
import type { Clock } from '../../../clock.ts'
import type { DecodedRecord } from '../../../event/record.ts'
import { marksOf } from '../../../event/record-marks.ts'
import type { Metrics } from '../../../telemetry/metrics.ts'
import type { Receipt } from '../../receiver.ts'
import {
  chunkBytes,
  chunkRecords,
  type IntakeStream,
  type LastingStream,
  type Peer,
} from '../../server/intake-stream.ts'
import type { Notify } from '../../server/notice.ts'
import { type Chain, type Chains, chainId } from './chains.ts'
import type { Judged } from './judge.ts'
import { advance, type ChainState, checkLink, type Finding } from './link.ts'
import { type AuditReceipt, nanoseconds } from './receipt.ts'
import { type Marked, markOf } from './repeats.ts'

export interface CommitOptions {
  readonly receiver: string
  readonly chains: Chains
  readonly clock: Clock
  readonly metrics: Metrics
  readonly notify: Notify
}

/** Where a request came in. */
export interface Entrance {
  /** For records of no chain. */
  readonly stream: IntakeStream
  /** A stream for a chain, of the same entrance. */
  readonly open: (lasting: LastingStream, facts: Readonly<Record<string, unknown>>) => IntakeStream
  /** As of `IntakeStream.append`. */
  readonly begin?: (() => void) | undefined
}

interface Linked {
  readonly judged: Judged
  readonly findings: readonly Finding[]
  readonly record: DecodedRecord
}

export class RecordCommits {
  readonly #options: CommitOptions

  constructor(options: CommitOptions) {
    this.#options = options
  }

  /**
   * Resolves with a receipt for each, in their order. With `marked`, what is committed is known again from here on. Rejects
   * with what the intake refuses with; some of them may be committed then.
   */
  async commit(
    records: readonly Judged[],
    peer: Peer,
    entrance: Entrance,
    marked?: Marked,
  ): Promise<readonly AuditReceipt[]> {
    const ids = records.map((one) => this.#chainOf(one, peer))
    const { chains, release } = await this.#options.chains.hold(ids.filter((id) => id !== undefined))
    try {
      const receipts: AuditReceipt[] = []
      const work = [...Map.groupBy(records.keys(), (at) => ids[at])].map(async ([id, places]) => {
        const chain = id === undefined ? undefined : chains.get(id)
        for (const part of partsOf(places, records)) {
          const judged = part.map((at) => records[at]!)
          const marks = marked && marksOf(part.map((at, record) => markOf(marked, at, record)))
          const asked = { hashes: true, begin: entrance.begin, ...(marks && { marks }) }
          const { receipt, linked } = await this.#append(judged, { chain, peer, entrance, asked })
          for (const [n, at] of part.entries()) {
            const seq = receipt.seqs?.[n]
            if (seq !== undefined) marked?.claim.keep(marked.fresh[at]!, seq)
          }
          const made = receiptsFor(judged, receipt, linked, this.#options.clock.now())
          for (const [n, at] of part.entries()) receipts[at] = made[n]!
        }
      })
      // Whatever becomes of one, the others end before their chains are given back.
      const failed = (await Promise.allSettled(work)).find((each) => each.status === 'rejected')
      if (failed) throw failed.reason
      return receipts
    } finally {
      release()
    }
  }

  /** Of which chain it is, if of any: its sender's, whoever else calls one so. */
  #chainOf({ link, instance = '' }: Judged, { auth_id, ip = '' }: Peer): string | undefined {
    if (link === undefined) return undefined
    const { receiver } = this.#options
    const sender = auth_id ?? ''
    if (link.stream !== undefined) return chainId(receiver, sender, `stream ${link.stream}`)
    // As far as the draft can tell then: the instance, and who connects.
    return chainId(receiver, sender, `instance ${instance} at ${auth_id === undefined ? ip : ''}`)
  }

  /** As one block. */
  async #append(
    judged: readonly Judged[],
    { chain, peer, entrance, asked }: Way,
  ): Promise<{ readonly receipt: Receipt; readonly linked?: readonly Linked[] }> {
    if (chain === undefined) {
      const records = judged.map(({ record }) => record)
      return { receipt: await entrance.stream.append(records, peer, asked) }
    }
    chain.stream ??= entrance.open(chain.lasting, chainFacts(judged[0]!, peer))
    const { linked, state } = linkAll(judged, chain.state)
    const records = linked.map(({ record }) => record)
    const next = chain.stream.index + records.length
    const descriptor = chain.descriptor(state, next)
    const receipt = await chain.stream.append(records, peer, { ...asked, descriptor })
    chain.state = state
    chain.next = next
    for (const { judged: one, findings } of linked)
      for (const finding of findings) this.#tellFinding(finding, one, peer)
    return { receipt, linked }
  }

  #tellFinding({ kind, what }: Finding, { id, link }: Judged, peer: Peer): void {
    const { receiver, metrics, notify } = this.#options
    metrics.auditChainFindings.inc({ receiver, kind })
    notify({
      kind: kind === 'gap' ? 'chain_gap' : 'chain_violated',
      receiver,
      peer,
      stream: link?.stream,
      record: id,
      number: link?.number === undefined ? undefined : String(link.number),
      what,
    })
  }
}

interface Way {
  readonly chain: Chain | undefined
  readonly peer: Peer
  readonly entrance: Entrance
  readonly asked: Parameters<IntakeStream['append']>[2]
}

const chainFacts = ({ link, instance }: Judged, { auth_id }: Peer) => ({
  ...(link?.stream !== undefined && { audit_stream: link.stream }),
  ...(link?.stream === undefined && instance !== undefined && { service_instance: instance }),
  ...(auth_id !== undefined && { auth_id }),
})

/** Each with what is to be said of its place, and how far the chain is behind them. */
function linkAll(records: readonly Judged[], from: ChainState | undefined) {
  let state = from
  const linked = records.map((judged): Linked => {
    const link = judged.link!
    const findings = checkLink(link, state)
    state = advance(state, link, judged)
    return { judged, findings, record: withWarnings(judged.record, findings) }
  })
  return { linked, state: state! }
}

function withWarnings(record: DecodedRecord, findings: readonly Finding[]): DecodedRecord {
  if (findings.length === 0) return record
  const said = findings.map(
    ({ kind, what }) => `${kind === 'gap' ? 'gap in its chain' : 'its chain is broken'}: ${what}`,
  )
  return { ...record, warnings: [...(record.warnings ?? []), ...said] }
}

function receiptsFor(
  records: readonly Judged[],
  { hashes = [], seqs, firstSeq }: Receipt,
  linked: readonly Linked[] | undefined,
  now: number,
): AuditReceipt[] {
  // Without marks nobody knows whose events are whose where a mapping makes several of a record, or a route drops some.
  const own = (n: number) => (hashes.length === records.length ? hashes[n] : undefined)
  return records.map(({ id, hash, proof }, n) => {
    const seq = seqs?.[n]
    const eventHash = seqs ? seq !== undefined && hashes[seq - firstSeq] : own(n)
    const { findings = [] } = linked?.[n] ?? {}
    return {
      recordId: id,
      integrityHash: hash,
      sinkTimestamp: nanoseconds(now),
      ...(eventHash && { eventHash }),
      ...(proof.kind === 'verified' && { verified: true }),
      ...(findings.length > 0 && { chainWarnings: findings.map(({ what }) => what) }),
    }
  })
}

/** Of records by their indexes: those that make up a block each. */
function* partsOf(places: readonly number[], records: readonly Judged[]): Generator<readonly number[]> {
  let part: number[] = []
  let bytes = 0
  for (const at of places) {
    part.push(at)
    bytes += records[at]!.record.asSigned?.length ?? 0
    if (part.length < chunkRecords && bytes < chunkBytes) continue
    yield part
    part = []
    bytes = 0
  }
  if (part.length > 0) yield part
}
