// The vectors of docs/otel-audit.md, made by other programs: what the page says is what the receiver does.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  auditRecord,
  canonicalText,
  type Integers,
} from '../../../../src/receivers/otlp/audit/canonical-record.ts'
import { recordsOf } from '../../../../src/receivers/otlp/audit/request.ts'
import { blocksOf } from '../../../docs/blocks.ts'
import { WorkDirectory } from '../../../e2e/agent-process.ts'
import { encodeRequest, type RequestObject } from '../oracle.ts'
import { auditing } from './listening.ts'
import { type Any, request, text } from './records.ts'

const page = 'docs/otel-audit.md'
const block = (language: string): string => {
  const [found, ...others] = blocksOf(language).filter((one) => one.page === page)
  expect(others).toEqual([])
  return found!.text
}
const json = <T>(language: string): T => JSON.parse(block(language)) as T

interface Vector {
  readonly record: RequestObject
  readonly canonical: string
  readonly sha256: string
}

interface Signature {
  readonly algorithm: string
  readonly key: string
  readonly value: string
}

const markdown = readFileSync(join(import.meta.dirname, '../../../..', page), 'utf8')
const signatures = [
  ...markdown.matchAll(/^\| `([A-Za-z]+[\w-]*)` \| `([\w-]+)` \| `([A-Za-z0-9+/]{40,}={0,2})` \|$/gm),
].map(([, algorithm, key, value]): Signature => ({ algorithm: algorithm!, key: key!, value: value! }))
const plain: Vector = {
  record: json('json record'),
  canonical: block('text canonical'),
  sha256: /^SHA-256: `([0-9a-f]{64})`$/m.exec(markdown)![1]!,
}
const corners = json<Vector>('json vector corners')
const early = json<Vector & { readonly signature: Signature }>('json vector text-integers')
const chain = json<readonly Vector[]>('json vector chain')

/** Ids as protobufjs has them in JSON. */
const inProtobuf = (record: RequestObject): RequestObject => ({
  ...record,
  ...Object.fromEntries(
    ['traceId', 'spanId'].flatMap((name) =>
      typeof record[name] === 'string' ? [[name, Buffer.from(record[name], 'hex').toString('base64')]] : [],
    ),
  ),
})

/** From both encodings: the same, or they are of no use. */
function canonical(record: RequestObject, integers: Integers = 'draft'): string {
  const bodies = [
    [Buffer.from(JSON.stringify(request([record]))), 'json'],
    [encodeRequest(request([inProtobuf(record)])), 'protobuf'],
  ] as const
  const texts = bodies.map(([body, format]) => {
    const [sent] = recordsOf(body, format)
    return canonicalText(auditRecord(sent!.record as Readonly<Record<string, unknown>>, integers))
  })
  expect(texts[1]).toBe(texts[0])
  return texts[0]!
}

const sha256 = (value: string) => hash('sha256', value)

test('a record', () => {
  expect(canonical(plain.record)).toBe(plain.canonical)
  expect(sha256(plain.canonical)).toBe(plain.sha256)
})

test('corners', () => {
  expect(canonical(corners.record)).toBe(corners.canonical)
  expect(sha256(corners.canonical)).toBe(corners.sha256)
  expect(corners.canonical).toContain('\u2028 and \u2029')
})

test('integers as strings', () => {
  expect(canonical(early.record, 'text')).toBe(early.canonical)
  expect(sha256(early.canonical)).toBe(early.sha256)
  expect(canonical(early.record)).not.toBe(early.canonical)
})

async function withKeys() {
  const directory = new WorkDirectory()
  onTestFinished(() => directory[Symbol.dispose]())
  const jwk = directory.write('keys.jwks', block('json keys'))
  const ids = json<{ keys: readonly { kid: string }[] }>('json keys').keys.map(({ kid }) => kid)
  return auditing({ keys: ids.map((id) => ({ id, jwk, default: id === 'hmac' })) })
}

const signed = (record: RequestObject, value: string): RequestObject => ({
  ...record,
  attributes: [...(record.attributes as object[]), { key: 'audit.integrity.value', value: text(value) }],
})

function by({ algorithm, key }: Signature): Readonly<Record<string, Any>> {
  return {
    'audit.integrity.algorithm': text(algorithm),
    // An HMAC has no certificate.
    ...(key !== 'hmac' && { 'audit.integrity.certificate': text(key) }),
  }
}

test('the page has a signature of every algorithm', () => {
  expect(signatures.map(({ algorithm }) => algorithm)).toEqual(
    'HMAC-SHA256 HMAC-SHA384 HMAC-SHA512 EdDSA RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES256 ES384 ES512'.split(
      ' ',
    ),
  )
})

test.each(signatures.map((one, n) => [`${one.algorithm} (${n})`, one] as const))(
  '%s holds',
  async (_name, signature) => {
    const { json: send, intake } = await withKeys()
    const { status, answer } = await send(request([signed(plain.record, signature.value)], by(signature)))
    expect([status, answer.message]).toEqual([200, undefined])
    expect(answer.receipts).toMatchObject([{ verified: true, integrityHash: plain.sha256 }])
    expect(intake.received).toMatchObject([{ verified: true, asSigned: plain.canonical }])
    // Severity is no part of what is signed, and none of what there should be.
    expect(intake.received[0]!.warnings).toEqual(['the audit signal asks for more: no severity'])
  },
)

test.each(signatures.map((one, n) => [`${one.algorithm} (${n})`, one] as const))(
  '%s fails where a word was changed, or a bit of it',
  async (_name, signature) => {
    const { json: send, intake, notices } = await withKeys()
    const bytes = Buffer.from(signature.value, 'base64')
    // Not in the head of a DER signature, so that it can still be read.
    bytes[bytes.length - 1]! ^= 1
    const changed = signed({ ...plain.record, body: text('approved by hand.') }, signature.value)
    const { status, answer } = await send(
      request([changed, signed(plain.record, bytes.toString('base64'))], by(signature)),
    )
    expect(status).toBe(400)
    expect(answer.message).toMatch(
      /^2 of 2 records are refused.*: its signature fails \("[\w-]+"\); record 1/,
    )
    expect(intake.received).toEqual([])
    expect(notices).toMatchObject([
      {
        kind: 'signature_failed',
        count: 2,
        records: [{ index: 0, algorithm: signature.algorithm }, { index: 1 }],
      },
    ])
  },
)

test('a signature over integers as strings holds, and that is the form that is kept', async () => {
  const { json: send, intake } = await withKeys()
  const { status, answer } = await send(
    request([signed(early.record, early.signature.value)], by(early.signature)),
  )
  expect(status).toBe(200)
  expect(answer.receipts).toMatchObject([{ verified: true, integrityHash: early.sha256 }])
  expect(intake.received[0]!.asSigned).toBe(early.canonical)
})

test('a chain', async () => {
  const { json: send, notices } = await withKeys()
  for (const { record, sha256: expected } of chain) {
    const { answer } = await send(request([record]))
    expect(answer.receipts).toMatchObject([{ integrityHash: expected }])
    expect(answer.receipts[0]).not.toHaveProperty('chainWarnings')
  }
  expect(notices).toEqual([])
})

test('the answer that the page shows', async () => {
  const { json: send } = await auditing()
  const good = chain[0]!.record
  const attributes = (good.attributes as { key: string }[]).filter(({ key }) => key !== 'audit.action')
  const id = '0193f1c8-3b5e-4c59-8d7e-000000000002'
  const bad = {
    ...good,
    attributes: attributes.map((one) => (one.key === 'audit.record.id' ? { ...one, value: text(id) } : one)),
  }
  const { answer } = await send(request([good, bad]))
  expect(answer).toEqual(json('json answer'))
})
