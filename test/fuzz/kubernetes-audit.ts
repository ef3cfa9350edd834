/**
 * Bodies of the audit webhook: whatever the bytes, they are refused with `bad_request`, or are JSON, and the records are the
 * list's items as JSON.parse finds them. What is an EventList to JSON.parse is taken, but for what is told apart on purpose.
 * A limit for records makes none more or less, and leaves those below it as they are.
 */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import fc from 'fast-check'
import { AffiantError } from '../../src/errors.ts'
import type { TextRecord } from '../../src/event/record.ts'
import { eventsOf } from '../../src/receivers/kubernetes_audit/event-list.ts'
import { eventList } from '../receivers/kubernetes_audit/event-list.ts'
import type { FuzzTarget } from './target.ts'

const unlimited = 16 * 1024 * 1024
const short = 64

/** Refused though JSON.parse reads it: that says nothing of names given twice, nor of how much there is of anything. */
const onPurpose = /is given twice$|is over 64 KiB$/

type Read = { readonly records: readonly TextRecord[] } | { readonly refusal: string }

async function read(bytes: Buffer, maxRecord: number): Promise<Read> {
  try {
    return { records: [...(await eventsOf(bytes, maxRecord))] }
  } catch (thrown) {
    if (thrown instanceof AffiantError && thrown.code === 'bad_request') return { refusal: thrown.message }
    throw thrown
  }
}

async function check(bytes: Buffer): Promise<void> {
  const text = bytes.toString().replace(/^\uFEFF/, '')
  const whole = await read(bytes, unlimited)
  if ('refusal' in whole) {
    if (isUtf8(bytes) && isEventList(text) && !onPurpose.test(whole.refusal))
      throw new Error(`refused: ${whole.refusal}; but JSON.parse reads it`)
    return
  }
  const { records } = whole
  // Throws where it is no JSON.
  const { items } = JSON.parse(text)
  const parsed = records.map((record) => JSON.parse(record.text) as unknown)
  if (JSON.stringify(parsed) !== JSON.stringify(items ?? []))
    throw new Error('other records than JSON.parse finds')
  await checkLimited(bytes, records)
}

async function checkLimited(bytes: Buffer, records: readonly TextRecord[]): Promise<void> {
  const limited = await read(bytes, short)
  if ('refusal' in limited) throw new Error(`refused with a limit alone: ${limited.refusal}`)
  if (limited.records.length !== records.length) throw new Error('a limit makes other records')
  for (const [index, { text, oversize }] of limited.records.entries()) {
    const { text: full } = records[index]!
    const size = Buffer.byteLength(full)
    const isRight =
      size <= short
        ? oversize === undefined && text === full
        : full.startsWith(text) && oversize?.size === size && oversize.sha256 === hash('sha256', full)
    if (!isRight) throw new Error(`record ${index} of ${size} bytes with a limit of ${short}: ${text}`)
  }
}

function isEventList(text: string): boolean {
  try {
    const { kind, apiVersion, items } = JSON.parse(text)
    const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item)
    return (
      kind === 'EventList' &&
      typeof apiVersion === 'string' &&
      apiVersion.startsWith('audit.k8s.io/') &&
      (items === undefined || items === null || (Array.isArray(items) && items.every(isObject)))
    )
  } catch {
    return false
  }
}

const event = (n: number) => ({
  level: 'RequestResponse',
  auditID: `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/secrets/db?limit=500',
  verb: 'get',
  user: { username: 'zoë 𝄞', groups: ['system:authenticated'], extra: { 'scopes.authorization/a': ['"\\'] } },
  impersonatedUser: { username: 'system:serviceaccount:shop:ci' },
  objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
  responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: '2026-11-30T10:00:00.000001Z',
  annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
})
const samples = fc.sample(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), { numRuns: 20, seed: 1 })
const own = [
  eventList([1, 2, 3].map((n) => JSON.stringify(event(n)))),
  eventList([JSON.stringify(event(1), null, 1), '{"n":12345678901234567890}', ' {} ']),
  `\ufeff{"items":null,"metadata":{"a":[]},"kind":"EventList","apiVersion":"audit.k8s.io/v1beta1"}`,
]

export const kubernetesAudit: FuzzTarget = {
  corpus: [...own, ...samples.map((list) => eventList(list.map((item) => JSON.stringify(item))))].map(
    (body) => Buffer.from(body),
  ),
  check,
}
