/**
 * From a request's body to records in the journal, and what is answered for each. Nothing is taken in before everything of the
 * request was looked at: a record that is wrong refuses all of them, and names itself.
 */
import { setImmediate } from 'node:timers/promises'
import type { Intake } from '../../receiver.ts'
import { AskedKeys } from '../../server/asked-keys.ts'
import { claimedKey } from '../../server/claim.ts'
import type { Peer } from '../../server/intake-stream.ts'
import { Refusals, RefusedRecords } from '../../server/refused-records.ts'
import type { BodyFormat } from '../answer.ts'
import { type CommitOptions, type Entrance, RecordCommits } from './commit-records.ts'
import { type Fault, type Judged, type JudgeOptions, judge } from './judge.ts'
import { type AuditReceipt, nanoseconds } from './receipt.ts'
import { askedFor, refuseConflicts } from './repeats.ts'
import { recordsOf } from './request.ts'
import { refuseOthersScopes } from './scopes.ts'

export interface IngestOptions extends CommitOptions {
  /** As it is now: a request is judged by one. */
  readonly judging: () => JudgeOptions
  readonly intake: Pick<Intake, 'repeated'>
}

/** Milliseconds after which others get their turn: a signature may take as long as a hundred records without. */
const turn = 10
/** Named in the event that tells of signatures that failed. */
const mostTold = 10

export class Ingest {
  readonly #options: IngestOptions
  readonly #commits: RecordCommits

  constructor(options: IngestOptions) {
    this.#options = options
    this.#commits = new RecordCommits(options)
  }

  /**
   * Resolves once every record is committed, by this request or an earlier one, with a receipt for each, in their order.
   * Rejects with `bad_request`, `record_invalid`, `scope_forbidden` or `record_conflict`, and nothing was taken in; or with what the intake
   * refuses with: then all of it is sent again.
   */
  async take(
    body: Buffer,
    format: BodyFormat,
    peer: Peer,
    entrance: Entrance,
  ): Promise<readonly AuditReceipt[]> {
    const judged = await this.#judged(body, format, peer)
    const { duplicates } = entrance.stream
    if (judged.length === 0) return []
    await refuseOthersScopes(judged, peer, entrance.stream)
    if (duplicates === undefined) return this.#commits.commit(judged, peer, entrance)
    const asked = AskedKeys.of(judged.map((one) => askedFor(one, peer)))
    const claim = await duplicates.claim(asked)
    try {
      refuseConflicts(judged, claim)
      const fresh = [...judged.keys()].filter((at) => claimedKey(claim.verdictAt(at)) !== undefined)
      const records = fresh.map((at) => judged[at]!)
      const made = await this.#commits.commit(records, peer, entrance, { claim, fresh })
      const receipts = new Map(fresh.map((at, n) => [at, made[n]!]))
      const again = judged.length - fresh.length
      if (again > 0) this.#options.intake.repeated({ duplicates: again, conflicts: 0 })
      const now = this.#options.clock.now()
      return judged.map((one, at) => {
        const verdict = claim.verdictAt(at)
        if (verdict?.kind === 'known') return repeated(one, now)
        return verdict?.kind === 'twin'
          ? { ...receipts.get(verdict.of)!, duplicate: true }
          : receipts.get(at)!
      })
    } finally {
      claim.release()
    }
  }

  async #judged(body: Buffer, format: BodyFormat, peer: Peer): Promise<Judged[]> {
    const { clock, receiver, metrics } = this.#options
    const judging = this.#options.judging()
    const judged: Judged[] = []
    const refusals = new Refusals()
    const failed: Fault[] = []
    const results = new Map<string, number>()
    let failures = 0
    let count = 0
    let since = clock.monotonic()
    for (const sent of recordsOf(body, format)) {
      count++
      if (clock.monotonic() - since > turn) {
        await setImmediate()
        since = clock.monotonic()
      }
      const one = judge(sent, judging, clock.now())
      if (one.proof) results.set(one.proof.kind, (results.get(one.proof.kind) ?? 0) + 1)
      if (!('why' in one)) {
        if (refusals.total === 0) judged.push(one)
        continue
      }
      refusals.add(one)
      // Nothing of the request will be taken in: what was good of it need not be held.
      judged.length = 0
      if (one.proof?.kind !== 'failed') continue
      failures++
      if (failed.length < mostTold) failed.push(one)
    }
    for (const [result, records] of results) metrics.auditProofs.inc({ receiver, result }, records)
    if (refusals.total === 0) return judged
    if (failures > 0) this.#tellFailed(failures, failed, peer)
    const about = `${refusals.total} of ${count} records are refused, and none was taken in`
    throw new RefusedRecords('record_invalid', about, refusals)
  }

  #tellFailed(count: number, failed: readonly Fault[], peer: Peer): void {
    const { receiver, notify } = this.#options
    const records = failed.map(({ index, id, proof }) => ({
      index,
      id,
      ...(proof?.kind === 'failed' && { certificate: proof.certificate, algorithm: proof.algorithm }),
    }))
    notify({ kind: 'signature_failed', receiver, peer, count, records })
  }
}

/** Of a record that was there already: it is on disk, at the latest now. */
const repeated = ({ id, hash, proof }: Judged, now: number): AuditReceipt => ({
  recordId: id,
  integrityHash: hash,
  sinkTimestamp: nanoseconds(now),
  ...(proof.kind === 'verified' && { verified: true }),
  duplicate: true,
})
