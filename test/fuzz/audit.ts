/**
 * Requests of the audit signal: whatever the bytes, each record is taken or named with a fault, or there are none to be told
 * apart; what is taken has a canonical form that is JSON, and the same for whoever reads that.
 */
import fc from 'fast-check'
import { AffiantError } from '../../src/errors.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import { judge } from '../../src/receivers/otlp/audit/judge.ts'
import { ProofKeys } from '../../src/receivers/otlp/audit/keys.ts'
import { advance, type ChainState, checkLink } from '../../src/receivers/otlp/audit/link.ts'
import { recordsOf } from '../../src/receivers/otlp/audit/request.ts'
import { request as arbitraryRequest } from '../receivers/otlp/arbitrary-request.ts'
import { record, request, text } from '../receivers/otlp/audit/records.ts'
import { encodeRequest } from '../receivers/otlp/oracle.ts'
import type { FuzzTarget } from './target.ts'

const options = { keys: await ProofKeys.read([], 'keys'), refusesUnverified: false, clockDifference: 5_000 }
const now = Date.UTC(2026, 10, 23)

function look(bytes: Buffer, format: 'json' | 'protobuf'): void {
  let state: ChainState | undefined
  let count = 0
  for (const sent of recordsOf(bytes, format)) {
    if (sent.index !== count++) throw new Error(`record ${sent.index} is number ${count - 1}`)
    const one = judge(sent, options, now)
    if ('why' in one) {
      if (one.why === '') throw new Error('a fault without a word')
      continue
    }
    const { asSigned = '' } = one.record
    if (canonicalize(JSON.parse(asSigned)) !== asSigned) throw new Error(`not canonical: ${asSigned}`)
    if (one.link === undefined) continue
    checkLink(one.link, state)
    state = advance(state, one.link, one)
  }
}

function check(bytes: Buffer): void {
  for (const format of ['json', 'protobuf'] as const) {
    try {
      look(bytes, format)
    } catch (thrown) {
      if (!(thrown instanceof AffiantError && thrown.code === 'bad_request')) throw thrown
    }
  }
}

const chained = (n: number) =>
  record(n, {
    'audit.sequence.stream_id': text('s'),
    'audit.sequence.number': { intValue: String(n) },
    'audit.sequence.previous_hash': text('ab'.repeat(32)),
    'audit.sequence.end': { boolValue: n === 2 },
    'audit.integrity.value': text('AAAA'),
    'audit.integrity.algorithm': text('EdDSA'),
    big: { intValue: '9007199254740993' },
    list: { arrayValue: { values: [text('a'), { kvlistValue: { values: [{ key: 'k', value: {} }] } }] } },
  })
const own = [request([record(1)]), request([chained(1), chained(2), chained(3)])]
const samples = fc.sample(arbitraryRequest, { numRuns: 20, seed: 1 })

export const audit: FuzzTarget = {
  corpus: [
    ...own.flatMap((each) => [Buffer.from(JSON.stringify(each)), encodeRequest(each)]),
    ...samples.flatMap(({ json, protobuf }) => [Buffer.from(JSON.stringify(json)), encodeRequest(protobuf)]),
  ],
  check,
}
