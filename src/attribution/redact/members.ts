/**
 * What may stand at each member of an event after something was taken out: the schema's own requirements, so that a
 * redacted event is valid. A table and not the schema itself, since worker threads need not load the schema library;
 * held against it by test/attribution/redact/members.test.ts.
 */

export type Member =
  /** Says what the event is, or what the agent did: never touched. */
  | { readonly kind: 'fixed' }
  /** A text that need not be there, or must: then it is masked where it would be dropped. */
  | { readonly kind: 'text'; readonly required: boolean }
  /** A word of a closed vocabulary; `fallback` says nothing, and stands where it is required. */
  | { readonly kind: 'word'; readonly fallback: string }
  /** A number, a truth value, a time: nothing else fits, so it can only be dropped. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'texts' }
  /** Any value at all, and absent where it would be none. */
  | { readonly kind: 'any' }
  /** An object of any members. */
  | { readonly kind: 'free' }
  | { readonly kind: 'object'; readonly members: Members }
  /** `required`: an empty list stays. */
  | { readonly kind: 'list'; readonly of: Members; readonly required: boolean }

export type Members = Readonly<Record<string, Member>>

const fixed: Member = { kind: 'fixed' }
const text: Member = { kind: 'text', required: false }
const requiredText: Member = { kind: 'text', required: true }
const texts: Member = { kind: 'texts' }
const plain: Member = { kind: 'plain' }
const any: Member = { kind: 'any' }
const free: Member = { kind: 'free' }
const word = (fallback: string): Member => ({ kind: 'word', fallback })
const object = (members: Members): Member => ({ kind: 'object', members })
const list = (of: Members, required = false): Member => ({ kind: 'list', of, required })

const scopeLevel: Members = { id: text, name: text, type: text }

export const eventMembers: Members = {
  action: requiredText,
  actor: object({
    alt_ids: texts,
    email: text,
    groups: texts,
    id: text,
    name: text,
    roles: texts,
    tenant: text,
    type: word('unknown'),
  }),
  attribution: fixed,
  category: word('other'),
  changes: list({ new: any, old: any, path: text, target: text }),
  credential: object({ id: text, issuer: text, mfa: plain, scopes: texts, type: text }),
  delegation: list({
    credential_id: text,
    id: text,
    mechanism: word('other'),
    name: text,
    session_id: text,
    tenant: text,
    type: word('unknown'),
  }),
  id: fixed,
  integrity: object({
    algorithm: text,
    canonicalization: text,
    certificate: text,
    sequence: object({
      end: plain,
      number: plain,
      previous_hash: text,
      previous_record_id: text,
      stream_id: text,
    }),
    signer: text,
    value: text,
    verified: plain,
  }),
  message: text,
  metadata: free,
  observed_time: fixed,
  operation: word('other'),
  original_time: text,
  outcome: object({ code: text, reason: text, result: word('unknown') }),
  producer: object({
    host: text,
    product: requiredText,
    region: text,
    service: text,
    vendor: text,
    version: text,
  }),
  provenance: object({
    agent: fixed,
    index: fixed,
    length: fixed,
    offset: fixed,
    peer: object({ auth_id: text, ip: text }),
    preset: fixed,
    receiver: fixed,
    stream: fixed,
  }),
  quality: object({ parse: fixed, warnings: texts }),
  raw: fixed,
  redactions: fixed,
  request: object({
    correlation_id: text,
    id: text,
    method: text,
    path: text,
    span_id: text,
    trace_id: text,
  }),
  schema: fixed,
  scope: list(scopeLevel, true),
  session: object({ created_time: plain, id: text, issuer: text, root_id: text }),
  severity: plain,
  source: object({
    application: text,
    asn: plain,
    device_id: text,
    geo: object({
      city: text,
      continent: text,
      country: text,
      latitude: plain,
      longitude: plain,
      postal_code: text,
      region: text,
    }),
    hostname: text,
    ip: text,
    ip_chain: texts,
    port: plain,
    user_agent: text,
  }),
  source_event_id: text,
  targets: list({ attributes: free, id: text, name: text, scope: list(scopeLevel), type: text }),
  time: fixed,
  time_source: fixed,
  unmapped: free,
}
