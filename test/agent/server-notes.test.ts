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

test('who delivers what is not his is told of at a rate of his own', () => {
  const log = recorded()
  for (const authId of ['acme', 'beta', undefined]) {
    const ip = '192.0.2.1'
    tellOfServer(
      { kind: 'out_of_scope', receiver: 'app', ip, authId, records: 3, scope: 'organization:x' },
      log,
    )
  }
  expect(new Set(log.drafts.map(({ kind }) => kind)).size).toBe(3)
  expect(log.drafts[0]!.draft).toMatchObject({
    action: 'affiant.peer.out_of_scope',
    outcome: { result: 'denied', reason: 'scope_forbidden' },
    metadata: { receiver: 'app', auth_id: 'acme', ip: '192.0.2.1', records: 3, scope: 'organization:x' },
  })
})

test('of who delivers it is said who he is, and not what he may', () => {
  const log = recorded()
  const scopes = [[{ type: 'organization', id: undefined }]]
  const peer = { ip: '192.0.2.1', auth_id: 'acme', scopes }
  const finding = { receiver: 'app', peer, stream: 's', record: 'r', number: '3', what: 'gone' }
  tellOfServer({ kind: 'chain_gap', ...finding }, log)
  tellOfServer({ kind: 'signature_failed', receiver: 'app', peer, count: 1, records: [] }, log)
  for (const { draft } of log.drafts) {
    expect(draft.metadata).toMatchObject({ ip: '192.0.2.1', auth_id: 'acme' })
    expect(draft.metadata).not.toHaveProperty('scopes')
  }
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
