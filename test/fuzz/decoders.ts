/** Lines that are no JSON, and texts within records: each is one event with canonical bytes, whatever stands in it. */
import { randomHashKey } from '../../src/attribution/keyed-hash.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import type { NormaliserSpec } from '../../src/normalise/contract.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import type { FuzzTarget } from './target.ts'

const mappings: readonly object[] = [
  { decode: { csv: { columns: ['time', 'user', '__proto__'] } }, time: 'time', 'actor.id': 'user' },
  {
    decode: 'key_value',
    'actor.id': { path: 'user', match: '^(\\w+)' },
    time: { path: 'time', format: ['auto', '%b %e %H:%M:%S'] },
  },
  { decode: { key_value: { separator: ', ', assign: ':' } }, 'actor.id': 'user' },
  { decode: 'query', targets: [{ each: '$.list', id: '.' }] },
  {
    decode: { pattern: ['(?P<user>\\S+) (?P<verb>[a-z]+) (?P<what>.*)', '(?s)(?P<message>.*)'] },
    message: 'message',
  },
  {
    decode: 'plain',
    expand: [
      { path: 'message', as: 'json' },
      { path: 'message.in', as: 'key_value' },
      { path: 'message.list[k=v].x', as: 'query' },
    ],
    targets: [{ each: 'message', type: { path: '.', case: 'upper' }, id: '$key' }],
  },
]

const spec = (inline: object): NormaliserSpec => ({
  agent: { id: 'fuzz', version: '0' },
  receiver: 'fuzz',
  mapping: { inline },
  raw: 'none',
  require: {},
  redact: [],
  hashKeys: [randomHashKey()],
  routes: [],
})
const normalisers = mappings.map((mapping) => compileNormaliser(spec(mapping)))
const stream = { id: '00112233445566778899aabbccddeeff', receiver: 'fuzz' }

function check(input: Buffer): void {
  // A line is not cut: framing does that.
  const bytes = new Uint8Array(
    Buffer.concat([Buffer.from(input.filter((byte) => byte !== 0x0a)), Buffer.from('\n')]),
  )
  const isBlank = bytes.every((byte) => [0x00, 0x09, 0x0a, 0x0d, 0x20].includes(byte))
  for (const normaliser of normalisers) {
    const batch = normaliser.lines({ stream, bytes, offset: 1, observed: 1_795_000_000_000 })
    if (batch.count !== (isBlank ? 0 : 1)) throw new Error(`${batch.count} events of one line`)
    const text = Buffer.from(batch.payload).toString()
    if (text !== '' && `${canonicalize(JSON.parse(text))}\n` !== text) throw new Error('not canonical')
  }
}

const corpus = [
  '2026-11-23T10:00:00Z,"Ann ""B."" C",x',
  'time=2026-11-23T10:00:00Z user="ann \\"x\\"" level=info word',
  'time: Nov 23 10:00:00, user: "ann", list: a',
  'a=1&list=x&list=%C3%A9&b=two+words',
  'ann did this and that',
  '{"in":"a=1 b=2","list":[{"k":"v","x":"q=1"}],"n":12345678901234567890}',
]

export const decoders: FuzzTarget = { corpus: corpus.map((line) => Buffer.from(line)), check }
