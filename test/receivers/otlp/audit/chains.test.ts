// Records that are numbered and name the one before them: what does not fit is taken in, marked and told of.
import { expect, test } from 'vitest'
import { AffiantError } from '../../../../src/errors.ts'
import { Chains, chainId } from '../../../../src/receivers/otlp/audit/chains.ts'
import { RequestIntake } from '../../request-intake.ts'
import { auditing } from './listening.ts'
import { type Any, record, request, text, uuid } from './records.ts'

interface Link {
  readonly stream?: string | undefined
  readonly number?: number
  readonly hash?: string
  readonly id?: string
  readonly end?: boolean
}

const link = (
  n: number,
  { stream = 's', number, hash, id, end }: Link,
  more: Readonly<Record<string, Any>> = {},
) =>
  record(n, {
    ...(stream !== '' && { 'audit.sequence.stream_id': text(stream) }),
    ...(number !== undefined && { 'audit.sequence.number': { intValue: String(number) } }),
    ...(hash !== undefined && { 'audit.sequence.previous_hash': text(hash) }),
    ...(id !== undefined && { 'audit.sequence.previous_record_id': text(id) }),
    ...(end !== undefined && { 'audit.sequence.end': { boolValue: end } }),
    ...more,
  })

/** A sender who waits for his receipts, as the draft has it. */
async function sender(intake = new RequestIntake()) {
  const audit = await auditing({}, intake)
  return {
    ...audit,
    /** Resolves with the hash, and what was said of its place. */
    send: async (n: number, place: Link, more?: Readonly<Record<string, Any>>) => {
      const { status, answer } = await audit.json(request([link(n, place, more)]))
      expect(status).toBe(200)
      const [{ integrityHash, chainWarnings = [] }] = answer.receipts
      return { hash: integrityHash as string, said: chainWarnings as string[] }
    },
  }
}

test('a chain from its first record to its end', async () => {
  const { send, notices, intake, metrics } = await sender()
  let last = await send(1, { number: 1 })
  for (const n of [2, 3, 4]) {
    expect(last.said).toEqual([])
    last = await send(n, { number: n, hash: last.hash, id: uuid(n - 1), end: n === 4 })
  }
  expect(last.said).toEqual([])
  expect(notices).toEqual([])
  expect((await metrics.auditChainFindings.get()).values).toEqual([])
  // The chain is a stream of its own.
  const [stream, ...others] = new Set(intake.recordChunks.map((chunk) => chunk.stream.id))
  expect(others).toEqual([])
  expect(stream).toBe(chainId('audit', '', 'stream s'))
  expect(intake.recordChunks.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  expect(intake.opened).toMatchObject([
    { stream: { id: stream }, metadata: { audit_stream: 's', protocol: 'otlp_audit/http' } },
  ])
})

test('all of a chain in one request, and several chains mixed', async () => {
  const { json, notices } = await sender()
  const { status } = await json(
    request([
      link(1, { number: 1 }),
      link(11, { stream: 't', number: 1 }),
      link(2, { number: 2, id: uuid(1) }),
      record(99),
      link(12, { stream: 't', number: 2, id: uuid(11) }),
    ]),
  )
  expect(status).toBe(200)
  expect(notices).toEqual([])
})

test('a gap warns', async () => {
  const { send, notices, intake, metrics } = await sender()
  const first = await send(1, { number: 1 })
  const later = await send(4, { number: 4, hash: '00'.repeat(32), id: uuid(3) })
  expect(later.said).toEqual(['numbers 2 to 3 of its chain never came here'])
  expect(intake.received[1]!.warnings).toEqual([
    'gap in its chain: numbers 2 to 3 of its chain never came here',
  ])
  expect(notices).toEqual([
    {
      kind: 'chain_gap',
      receiver: 'audit',
      peer: { ip: '127.0.0.1' },
      stream: 's',
      record: uuid(4),
      number: '4',
      what: 'numbers 2 to 3 of its chain never came here',
    },
  ])
  expect((await metrics.auditChainFindings.get()).values).toMatchObject([
    { labels: { kind: 'gap' }, value: 1 },
  ])
  // It goes on from there, and what came late is out of its order.
  expect((await send(5, { number: 5, hash: later.hash, id: uuid(4) })).said).toEqual([])
  expect((await send(2, { number: 2, hash: first.hash, id: uuid(1) })).said).toEqual([
    'it is number 2 of its chain, and number 5 came before it',
  ])
  expect((await send(6, { number: 6 + 1, id: uuid(5) })).said).toEqual([
    'number 6 of its chain never came here',
  ])
})

test('a hash that is not that of the record before it breaks the chain', async () => {
  const { send, notices } = await sender()
  await send(1, { number: 1 })
  const { said } = await send(2, { number: 2, hash: 'ab'.repeat(32), id: uuid(1) })
  expect(said).toEqual([`its previous_hash is not the hash of the record before it, ${uuid(1)}`])
  expect(notices).toMatchObject([{ kind: 'chain_violated', record: uuid(2), stream: 's' }])
})

test.each([['audit.sequence.prev_hash'], ['audit.prev.hash']])(
  'the hash under the name of an early draft: %s',
  async (name) => {
    const { send } = await sender()
    const first = await send(1, { number: 1 })
    const second = await send(2, { number: 2 }, { [name]: text(first.hash.toUpperCase()) })
    expect(second.said).toEqual([])
    expect((await send(3, { number: 3 }, { [name]: text('00'.repeat(32)) })).said).toHaveLength(1)
  },
)

test.each<[string, readonly Link[], readonly string[]]>([
  [
    'the first names one before it',
    [{ number: 1, hash: 'ab'.repeat(32) }],
    ['it is number 1 of its chain, the first, and names one before it'],
  ],
  [
    'the first, by the hash of nothing as early drafts had it',
    [{ number: 1, hash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }],
    [],
  ],
  [
    'one that names what never came',
    [{ number: 7, id: uuid(0) }],
    [`the record before it, ${uuid(0)}, never came here`],
  ],
  ['one that begins late', [{ number: 7 }], ['its chain begins here with number 7']],
  [
    'a number again',
    [{ number: 1 }, { number: 1 }],
    ['it is number 1 of its chain, and number 1 came before it'],
  ],
  [
    'another before it',
    [{ number: 1 }, { number: 2, id: uuid(9) }],
    [`it names ${uuid(9)} as the record before it, and that was ${uuid(1)}`],
  ],
  [
    'after the end',
    [
      { number: 1, end: true },
      { number: 2, id: uuid(1) },
    ],
    [`it comes after ${uuid(1)}, which was the last of its chain`],
  ],
  [
    'no one before it in the middle',
    [{ number: 1 }, { number: 2, id: uuid(1) }, { number: 3 }],
    ['it names no record before it, as only the first of a chain does'],
  ],
  ['numbers alone', [{ number: 1 }, { number: 2 }, { number: 3 }], []],
  ['pointers alone', [{}, { id: uuid(1) }, { id: uuid(2) }], []],
])('%s', async (_name, links, expected) => {
  const { send } = await sender()
  let said: readonly string[] = []
  for (const [n, one] of links.entries()) said = (await send(n + 1, one)).said
  expect(said).toEqual(expected)
})

test('whatever comes after the end, the chain stays ended', async () => {
  const { send } = await sender()
  await send(1, { number: 1, end: true })
  for (const n of [2, 3])
    expect((await send(n, { number: n, id: uuid(n - 1) })).said[0]).toMatch(/^it comes after/)
})

test('numbers beyond 2^53', async () => {
  const { send } = await sender()
  const big = { 'audit.sequence.number': { intValue: '9007199254740993' } }
  await send(1, {}, big)
  const next = { 'audit.sequence.number': { intValue: '9007199254740994' } }
  expect((await send(2, {}, next)).said).toEqual([])
  expect((await send(3, {}, next)).said).toHaveLength(1)
})

test('a chain goes on after a restart, also one that had ended', async () => {
  const intake = new RequestIntake()
  const before = await sender(intake)
  const first = await before.send(1, { number: 1 })
  await before.send(11, { stream: 't', number: 1, end: true })
  await before.receiver.stop()
  const after = await sender(intake)
  expect((await after.send(2, { number: 2, hash: first.hash, id: uuid(1) })).said).toEqual([])
  expect((await after.send(4, { number: 4 })).said).toEqual([
    'number 3 of its chain never came here',
    'it names no record before it, as only the first of a chain does',
  ])
  expect((await after.send(12, { stream: 't', number: 2 })).said[0]).toMatch(/^it comes after/)
  // Its stream goes on too, and is not opened again.
  expect(intake.opened).toHaveLength(2)
  expect(intake.recordChunks.map(({ index }) => index)).toEqual([0, 0, 1, 2, 1])
})

test('places of records that the journal refused are not given again, not even after a restart', async () => {
  const intake = new RequestIntake()
  const before = await sender(intake)
  await before.send(1, { number: 1 })
  intake.refusal = new AffiantError('journal_unavailable', 'the journal takes nothing at the moment')
  const second = link(2, { number: 2, id: uuid(1) })
  for (let attempt = 0; attempt < 3; attempt++)
    expect((await before.json(request([second]))).status).toBe(503)
  intake.refusal = undefined
  expect((await before.send(2, { number: 2, id: uuid(1) })).said).toEqual([])
  await before.receiver.stop()
  const after = await sender(intake)
  expect((await after.send(3, { number: 3, id: uuid(2) })).said).toEqual([])
  expect(intake.recordChunks.map(({ index }) => index)).toEqual([0, 4, 5])
})

test('what was refused moves nothing', async () => {
  const { send, json } = await sender()
  const first = await send(1, { number: 1 })
  const bad = link(3, { number: 3 }, { 'audit.action': text('') })
  expect((await json(request([link(2, { number: 2 }), bad]))).status).toBe(400)
  expect((await send(2, { number: 2, hash: first.hash })).said).toEqual([])
})

test('what is sent again is in its place already', async () => {
  const { json } = await sender()
  const sent = request([link(1, { number: 1 }), link(2, { number: 2, id: uuid(1) })])
  await json(sent)
  const { answer } = await json(sent)
  expect(answer.receipts).toMatchObject([{ duplicate: true }, { duplicate: true }])
  for (const receipt of answer.receipts) expect(receipt).not.toHaveProperty('chainWarnings')
})

test('without a stream id the instance stands for it, with a word of advice', async () => {
  const { json, intake } = await auditing()
  const instance = (name: string) => ({ 'service.instance.id': text(name) })
  const send = async (n: number, number: number, name: string) =>
    (await json(request([link(n, { stream: '', number })], instance(name)))).answer.receipts[0].chainWarnings
  expect(await send(1, 1, 'a')).toBeUndefined()
  expect(await send(2, 1, 'b')).toBeUndefined()
  expect(await send(3, 3, 'a')).toEqual(['number 2 of its chain never came here'])
  expect(intake.received[0]!.warnings).toEqual(['the audit signal asks for more: audit.sequence.stream_id'])
})

test('requests of one chain at the same time follow each other', async () => {
  const { json, notices } = await sender()
  await json(request([link(0, { number: 0 })]))
  const all = Array.from({ length: 30 }, (_, n) =>
    json(request([link(n + 1, { number: n + 1 }), link(100 + n, { stream: 't' })])),
  )
  for (const { status } of await Promise.all(all)) expect(status).toBe(200)
  // Whichever came first: none was lost, and those that came in order were seen so.
  expect(notices.every(({ kind }) => kind.startsWith('chain_'))).toBe(true)
})

test('only so many chains are remembered: those that were used last', async () => {
  const forgotten: string[] = []
  const chains = new Chains({ receiver: 'r', known: [], forget: (id) => forgotten.push(id), most: 2 })
  const use = async (...ids: string[]) => (await chains.hold(ids)).release()
  await use('a')
  await use('b')
  await use('a')
  await use('c')
  expect(forgotten).toEqual(['b'])
  const held = await chains.hold(['a', 'c'])
  await use('d')
  expect(forgotten).toEqual(['b', 'd'])
  held.release()
})
