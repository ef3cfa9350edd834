/** What is on record of receivers that listen. Each is in docs/own-events.md. */
import type { CertificateFacts, ServerNotice } from '../receivers/server/notice.ts'
import type { Refusal } from '../receivers/server/refusals.ts'
import { chainGap, chainViolated, signatureFailed } from './audit-notes.ts'
import type { OwnEventDraft } from './own-events.ts'
import type { OwnLog } from './own-log.ts'

interface Place {
  readonly receiver: string
  readonly listen: string
}

const targets = (receiver: string) => [{ id: receiver, type: 'receiver' }]

export const certificateLoaded = ({
  receiver,
  listen,
  certificate,
}: Place & { readonly certificate: CertificateFacts }): OwnEventDraft => ({
  action: 'affiant.certificate.loaded',
  operation: 'update',
  targets: targets(receiver),
  metadata: { receiver, listen, ...certificate },
})

export const certificateRefused = ({
  receiver,
  listen,
  reason,
}: Place & { readonly reason: string }): OwnEventDraft => ({
  action: 'affiant.certificate.refused',
  operation: 'update',
  outcome: { result: 'failure', reason },
  targets: targets(receiver),
  metadata: { receiver, listen, reason },
})

export const keysLoaded = ({
  receiver,
  keys,
}: {
  readonly receiver: string
  readonly keys: readonly string[]
}): OwnEventDraft => ({
  action: 'affiant.keys.loaded',
  operation: 'update',
  targets: targets(receiver),
  metadata: { receiver, keys },
})

export const keysRefused = ({
  receiver,
  reason,
}: {
  readonly receiver: string
  readonly reason: string
}): OwnEventDraft => ({
  action: 'affiant.keys.refused',
  operation: 'update',
  outcome: { result: 'failure', reason },
  targets: targets(receiver),
  metadata: { receiver, reason },
})

export const unauthenticated = ({
  receiver,
  ip,
  reason,
}: {
  readonly receiver: string
  readonly ip: string | undefined
  readonly reason: string
}): OwnEventDraft => ({
  action: 'affiant.peer.unauthenticated',
  operation: 'other',
  outcome: { result: 'denied', reason },
  targets: targets(receiver),
  metadata: { receiver, ...(ip !== undefined && { ip }), reason },
})

export const connectionRefused = ({
  receiver,
  ip,
  reason,
  detail,
}: Refusal & { readonly receiver: string }): OwnEventDraft => ({
  action: 'affiant.peer.refused',
  operation: 'other',
  outcome: { result: 'denied', reason },
  targets: targets(receiver),
  metadata: { receiver, ...(ip !== undefined && { ip }), reason, ...(detail !== undefined && { detail }) },
})

export const outOfScope = ({
  receiver,
  ip,
  authId,
  records,
  scope,
}: {
  readonly receiver: string
  readonly ip: string | undefined
  readonly authId: string | undefined
  readonly records: number
  readonly scope: string
}): OwnEventDraft => ({
  action: 'affiant.peer.out_of_scope',
  operation: 'other',
  outcome: { result: 'denied', reason: 'scope_forbidden' },
  targets: targets(receiver),
  metadata: {
    receiver,
    ...(authId !== undefined && { auth_id: authId }),
    ...(ip !== undefined && { ip }),
    records,
    scope,
  },
})

export const messagesLost = ({
  receiver,
  listen,
  reason,
  messages,
}: Place & { readonly reason: string; readonly messages: number }): OwnEventDraft => ({
  action: 'affiant.receiver.lost',
  operation: 'other',
  outcome: { result: 'failure', reason },
  targets: targets(receiver),
  metadata: { receiver, listen, reason, messages },
})

export function tellOfServer(notice: ServerNotice, ownLog: Pick<OwnLog, 'record'>): void {
  switch (notice.kind) {
    case 'certificate_loaded':
      ownLog.record(certificateLoaded(notice), `affiant.certificate ${notice.receiver} ${notice.listen}`)
      break
    case 'certificate_refused':
      ownLog.record(certificateRefused(notice), `affiant.certificate ${notice.receiver} ${notice.listen}`)
      break
    case 'keys_loaded':
      ownLog.record(keysLoaded(notice), `affiant.keys ${notice.receiver}`)
      break
    case 'keys_refused':
      ownLog.record(keysRefused(notice), `affiant.keys ${notice.receiver}`)
      break
    // Strangers cause these: whoever they are, they share the rate of their receiver.
    case 'unauthenticated':
      ownLog.record(unauthenticated(notice), `affiant.peer.unauthenticated ${notice.receiver}`)
      break
    case 'refused':
      ownLog.record(connectionRefused(notice), `affiant.peer.refused ${notice.receiver}`)
      break
    case 'out_of_scope':
      ownLog.record(outOfScope(notice), `affiant.peer.out_of_scope ${notice.receiver} ${notice.authId}`)
      break
    case 'signature_failed':
      ownLog.record(signatureFailed(notice), `affiant.signature.failed ${notice.receiver}`)
      break
    case 'chain_gap':
      ownLog.record(chainGap(notice), `affiant.chain.gap ${notice.receiver}`)
      break
    case 'chain_violated':
      ownLog.record(chainViolated(notice), `affiant.chain.violated ${notice.receiver}`)
      break
    case 'messages_lost':
      ownLog.record(messagesLost(notice), `affiant.receiver.lost ${notice.receiver} ${notice.listen}`)
      break
  }
}
