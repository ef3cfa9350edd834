import { expect, test } from 'vitest'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import { tellOfServer } from '../../src/agent/server-notes.ts'

function recorded() {
  const drafts: { readonly draft: OwnEventDraft; readonly kind: string | undefined }[] = []
  return { drafts, record: (draft: OwnEventDraft, kind?: string) => void drafts.push({ draft, kind }) }
}

const at = { receiver: 'app', listen: '127.0.0.1:4318' }

test('a certificate and its refusal are one kind, so that the last word stays the last', () => {
  const log = recorded()
  tellOfServer({ kind: 'certificate_refused', ...at, reason: 'none' }, log)
  tellOfServer(
    { kind: 'certificate_loaded', ...at, certificate: { sha256: 'aa', expires: '2030-01-01T00:00:00.000Z' } },
    log,
  )
  expect(log.drafts).toMatchObject([
    { draft: { action: 'affiant.certificate.refused', outcome: { result: 'failure', reason: 'none' } } },
    { draft: { action: 'affiant.certificate.loaded', metadata: { ...at, sha256: 'aa' } } },
  ])
  expect(log.drafts[0]!.kind).toBe(log.drafts[1]!.kind)
})

test('strangers share one rate, whoever they are', () => {
  const log = recorded()
  for (const ip of ['192.0.2.1', '192.0.2.2', undefined])
    tellOfServer({ kind: 'unauthenticated', receiver: 'app', ip, reason: 'no token' }, log)
  tellOfServer(
    { kind: 'refused', receiver: 'app', ip: '::1', reason: 'certificate', detail: 'CERT_HAS_EXPIRED' },
    log,
  )
  expect(new Set(log.drafts.map(({ kind }) => kind)).size).toBe(2)
  expect(log.drafts.map(({ draft }) => draft)).toMatchObject([
    {
      action: 'affiant.peer.unauthenticated',
      outcome: { result: 'denied' },
      targets: [{ id: 'app', type: 'receiver' }],
      metadata: { ip: '192.0.2.1', reason: 'no token' },
    },
    { metadata: { ip: '192.0.2.2' } },
    { metadata: { receiver: 'app', reason: 'no token' } },
    {
      action: 'affiant.peer.refused',
      metadata: { ip: '::1', reason: 'certificate', detail: 'CERT_HAS_EXPIRED' },
    },
  ])
})
