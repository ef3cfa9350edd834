/** One record as it was sent becomes one that can be taken in, or what is wrong with it. */
import { hash } from 'node:crypto'
import type { DecodedRecord } from '../../../event/record.ts'
import { readLogRecord, readResource, readScope } from '../json-decoder.ts'
import { isObject, type JsonObject } from '../json-fields.ts'
import { finishRecord } from '../record.ts'
import { Warnings } from '../warnings.ts'
import { textOf } from './attributes.ts'
import { auditRecord, canonicalText, type TypedAttributes, typedAttributes } from './canonical-record.ts'
import { checkProof, type Proof } from './check-proof.ts'
import { checkRecord } from './check-record.ts'
import { Judgement } from './judgement.ts'
import type { ProofKeys } from './keys.ts'
import { type Link, linkOf } from './link.ts'
import { faultOf, isFault, type SentRecord } from './request.ts'

export interface Judged {
  readonly index: number
  readonly place: string
  /** `audit.record.id`, as it was sent. */
  readonly id: string
  readonly record: DecodedRecord
  /** SHA-256 of its canonical form, hex: the draft's IntegrityHash. */
  readonly hash: string
  readonly proof: Proof
  readonly link: Link | undefined
  /** `service.instance.id` of its Resource. */
  readonly instance: string | undefined
}

export interface Fault {
  readonly index: number
  readonly place: string
  readonly id: string | undefined
  readonly why: string
  readonly proof: Proof | undefined
}

export interface JudgeOptions {
  readonly keys: ProofKeys
  /** Whether a record without a proof that was checked is refused. */
  readonly refusesUnverified: boolean
  /** Milliseconds. */
  readonly clockDifference: number
}

/** @param now unix milliseconds */
export function judge(sent: SentRecord, options: JudgeOptions, now: number): Judged | Fault {
  const { index, place, record } = sent
  const judgement = new Judgement()
  const { faults } = judgement
  let id: string | undefined
  let proof: Proof | undefined
  const fault = (why: string): Fault => ({ index, place, id, why, proof })
  if (isFault(record)) return fault(record.fault)
  try {
    const resource = resourceOf(sent.resourceLogs)
    const draft = auditRecord(record)
    const { attributes = {} } = draft
    // Before anything else: it is what a fault is told of by.
    id = textOf(attributes, 'audit.record.id') ?? undefined
    const context = {
      resource,
      hasSeverity: Boolean(record.severityNumber) || Boolean(record.severityText),
      now,
      clockDifference: options.clockDifference,
    }
    checkRecord(draft, context, judgement)
    const link = linkOf(attributes, judgement)
    const text = canonicalText(draft)
    const forms = [() => text, () => canonicalText(auditRecord(record, 'text'))]
    proof = checkProof({ attributes, resource, forms }, options.keys, judgement)
    if (options.refusesUnverified && faults.length === 0 && proof.kind !== 'verified')
      faults.push(unverified(proof))
    const decoded = decode(sent, record)
    if (faults.length > 0 || id === undefined) return fault(faults.join('; '))
    // What a signature was found over is what its producer means by the record.
    const asSigned = proof.kind === 'verified' ? proof.text : text
    const warnings = [...(decoded.warnings ?? []), ...judgement.allWarnings()]
    const instance = (resource && textOf(resource, 'service.instance.id'))?.slice(0, 512)
    return {
      index,
      place,
      id,
      record: {
        ...decoded,
        id: decoded.id && 'uuid' in decoded.id ? decoded.id : { uid: id, producer: serviceOf(resource) },
        // Of the form that does not depend on which keys are known.
        content: hash('sha256', text, 'binary').slice(0, 16),
        asSigned,
        ...(warnings.length > 0 && { warnings }),
        ...(proof.kind === 'verified' && { verified: true }),
      },
      hash: hash('sha256', asSigned),
      proof,
      link,
      instance,
    }
  } catch (thrown) {
    return fault(thrown instanceof RangeError ? thrown.message : faultOf(thrown))
  }
}

const unverified = (proof: Proof) =>
  proof.kind === 'absent'
    ? 'it is not signed, and only records with a signature that was verified are taken'
    : 'its signature cannot be verified here, and only records with one that was are taken'

/** Null where none was sent, or an empty one. */
function resourceOf(group: JsonObject): TypedAttributes | null {
  const { resource } = group
  if (!isObject(resource)) return null
  const attributes = typedAttributes(resource, 'attributes', () => 'the Resource')
  return Object.keys(attributes).length > 0 ? attributes : null
}

const serviceOf = (resource: TypedAttributes | null) => (resource && textOf(resource, 'service.name')) ?? ''

/** As the `otlp` receiver has it, for the mapping. */
function decode({ resourceLogs, scopeLogs, place }: SentRecord, record: JsonObject): DecodedRecord {
  const warnings = new Warnings()
  const here = () => place
  const resource = readResource(resourceLogs, here, warnings)
  const scope = readScope(scopeLogs, here, warnings)
  return finishRecord(readLogRecord(record, here, warnings), resource, scope, warnings)
}
