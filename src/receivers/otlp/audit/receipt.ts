/**
 * What is answered for records that are in the journal: an `ExportLogsServiceResponse` that says success, as OTLP has it, and
 * beside it a receipt for each record. Readers that know nothing of receipts pass over them: in JSON an unknown member, in
 * protobuf a field of a number that the message does not have. The draft's AuditReceipt has the first three members.
 */
import { bytesField, fixed64Field, varintField } from '../../server/protobuf-fields.ts'
import type { BodyFormat } from '../answer.ts'

export interface AuditReceipt {
  /** `audit.record.id`, as it was sent. */
  readonly recordId: string
  /** SHA-256 of the record's canonical form, hex: what the next record of its chain names. */
  readonly integrityHash: string
  /** When it was on disk, unix nanoseconds, decimal. */
  readonly sinkTimestamp: string
  /** SHA-256 of the event's canonical bytes as they are stored, hex. Absent where one record did not make one event. */
  readonly eventHash?: string
  /** Its signature was checked and holds. */
  readonly verified?: true
  /** It was there already. */
  readonly duplicate?: true
  /** What is wrong with its place in its chain. */
  readonly chainWarnings?: readonly string[]
}

/** Unix milliseconds as nanoseconds, decimal. */
export const nanoseconds = (time: number): string => `${Math.floor(time)}000000`

/** A number far from those that OTLP gives away one by one. */
const receiptsField = 1000

/**
 * In protobuf: `repeated AuditReceipt receipts = 1000`, with `string record_id = 1; string integrity_hash = 2; fixed64
 * sink_timestamp = 3; string event_hash = 4; bool verified = 5; bool duplicate = 6; repeated string chain_warnings = 7`.
 */
export function encodeReceipts(receipts: readonly AuditReceipt[], format: BodyFormat): Buffer {
  if (format === 'json') return Buffer.from(JSON.stringify(receipts.length > 0 ? { receipts } : {}))
  return Buffer.concat(receipts.map((receipt) => bytesField(receiptsField, encodeReceipt(receipt))))
}

function encodeReceipt(receipt: AuditReceipt): Buffer {
  const {
    recordId,
    integrityHash,
    sinkTimestamp,
    eventHash,
    verified,
    duplicate,
    chainWarnings = [],
  } = receipt
  return Buffer.concat([
    bytesField(1, recordId),
    bytesField(2, integrityHash),
    fixed64Field(3, BigInt(sinkTimestamp)),
    ...(eventHash === undefined ? [] : [bytesField(4, eventHash)]),
    ...(verified ? [varintField(5, 1)] : []),
    ...(duplicate ? [varintField(6, 1)] : []),
    ...chainWarnings.map((warning) => bytesField(7, warning)),
  ])
}
