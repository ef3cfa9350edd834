/** What is on record of the audit signal's producers: signatures that fail, chains with gaps, chains that are broken. */
import { identityOf } from '../event/record.ts'
import type { ChainFinding, SignatureFailed } from '../receivers/server/notice.ts'
import type { OwnEventDraft } from './own-events.ts'

/** Of which receiver. */
type At = { readonly receiver: string }

/** OpenTelemetry's number for what syslog calls critical (logs data model, appendix B). */
const critical = 18

export const signatureFailed = ({
  receiver,
  peer,
  count,
  records,
}: At & Omit<SignatureFailed, 'kind'>): OwnEventDraft => ({
  action: 'affiant.signature.failed',
  operation: 'other',
  severity: critical,
  outcome: { result: 'denied', reason: 'signatures do not hold' },
  targets: [{ id: receiver, type: 'receiver' }],
  message: `a request was refused: ${count} signatures in it fail`,
  metadata: { receiver, ...identityOf(peer), count, records: records.map(defined) },
})

export const chainGap = (notice: At & Omit<ChainFinding, 'kind'>): OwnEventDraft => ({
  ...chainFinding(notice),
  action: 'affiant.chain.gap',
})

export const chainViolated = (notice: At & Omit<ChainFinding, 'kind'>): OwnEventDraft => ({
  ...chainFinding(notice),
  action: 'affiant.chain.violated',
  severity: critical,
})

function chainFinding({ receiver, peer, stream, record, number, what }: At & Omit<ChainFinding, 'kind'>) {
  return {
    operation: 'other' as const,
    outcome: { result: 'failure' as const, reason: what },
    targets: [{ id: receiver, type: 'receiver' }],
    metadata: {
      receiver,
      ...identityOf(peer),
      ...defined({ audit_stream: stream, record_id: record, number }),
      reason: what,
    },
  }
}

const defined = (members: object) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
