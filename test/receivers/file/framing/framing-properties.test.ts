// However the input is cut into readings, and wherever a crash falls between two commits: the same lines, each once.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StreamPosition } from '../../../../src/event/batch.ts'
import { Emitted } from '../../../../src/receivers/file/framing/emitted.ts'
import { seed } from '../../../seed.ts'
import { beginning, type Framed, feed, frame, framingFor, type Rules, recordsOf } from './framing.ts'

const newline = Buffer.of(10)
const time = '2026-11-23T07:58:33.123456789Z'
const word = fc.stringMatching(/^ ?[a-z0-9é]{0,6}$/)
const output = fc.constantFrom('stdout', 'stderr')
const plain = fc.array(word, { maxLength: 30 }).map((lines) => lines.map((line) => `${line}\n`).join(''))
const container = fc
  .array(fc.tuple(output, fc.constantFrom('F', 'F', 'P'), word), { maxLength: 30 })
  .map((lines) => lines.map(([to, tag, text]) => `${time} ${to} ${tag} ${text}\n`).join(''))
const multiline: Rules = { rule: { indented: true } }
const rows = fc
  .array(fc.constantFrom('1,a', '2,"b"', '"c', 'd"', '"e""', '', 'f"g'), { maxLength: 30 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''))
const auditTypes = fc.constantFrom('SYSCALL', 'PATH', 'PROCTITLE', 'EOE', 'DAEMON_END')
const audit = fc
  .array(fc.tuple(auditTypes, fc.nat(4), fc.constantFrom('', 'node=h ')), { maxLength: 40 })
  .map((lines) =>
    lines.map(([type, serial, node]) => `${node}type=${type} msg=audit(1.0:${serial}): x\n`).join(''),
  )
const inputs = fc.oneof(
  fc.record({
    content: rows,
    rules: fc.constant<Rules>({ joining: { kind: 'quotes', delimiter: ',', quote: '"', timeout: 1 } }),
  }),
  fc.record({ content: audit, rules: fc.constant<Rules>({ joining: { kind: 'auditd', timeout: 1 } }) }),
  fc.record({ content: plain, rules: fc.constant(multiline) }),
  fc.record({ content: container, rules: fc.constant<Rules>({ container: 'cri' }) }),
  fc.record({ content: container, rules: fc.constant<Rules>({ container: 'cri', ...multiline }) }),
  fc.record({ content: plain, rules: fc.constant<Rules>({ encoding: 'latin-1' }) }),
)
const parameters = { seed, numRuns: 300 }

/** Which events of auditd have ended is forgotten in a crash. */
function withoutLateness({ warnings, ...record }: Framed): Framed {
  const rest = warnings?.filter((warning) => !warning.startsWith('a later part')) ?? []
  return rest.length === 0 ? record : { ...record, warnings: rest }
}

test(`any cut into readings gives the same records (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(inputs, fc.integer({ min: 1, max: 200 }), async ({ content, rules }, step) => {
      expect(await frame(content, rules, step)).toEqual(await frame(content, rules))
    }),
    parameters,
  )
})

test(`a crash after any commit: each record exactly once (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      inputs,
      fc.integer({ min: 1, max: 200 }),
      fc.nat(),
      async ({ content, rules }, step, at) => {
        const bytes = Buffer.from(content)
        const { framer } = await framingFor(bytes, rules)
        const before = feed(framer(beginning), bytes, newline, step)
        const kept = before.slice(0, at % (before.length + 1))
        const position: StreamPosition = kept.at(-1)?.position ?? beginning
        const again = framer(position)
        const after = feed(again, bytes, newline, Infinity, position.offset)
        const records = recordsOf([...kept, ...after, ...again.flush()]).map(withoutLateness)
        const byOffset = (a: Framed, b: Framed) => a.offset - b.offset
        const expected = (await frame(content, rules)).map(withoutLateness)
        expect(records.toSorted(byOffset)).toEqual(expected.toSorted(byOffset))
        expect(again.position).toEqual({ offset: bytes.length, ranges: [] })
      },
    ),
    parameters,
  )
})

test(`a position is what is done with, however that came about (seed ${seed})`, () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.nat()), (sizes, random) => {
      let end = 0
      const extents = sizes.map((size): [number, number] => {
        end += size
        return [end - size, end]
      })
      const emitted = new Emitted(beginning)
      const done = new Set<number>()
      while (extents.length > 0) {
        const [[start, to]] = extents.splice(random.next().value % extents.length, 1) as [[number, number]]
        emitted.add(start, to)
        for (let byte = start; byte < to; byte++) done.add(byte)
        const { offset, ranges } = emitted.position
        const said = new Set(Array.from({ length: offset }, (_, byte) => byte))
        for (const [from, until] of ranges) for (let byte = from; byte < until; byte++) said.add(byte)
        expect(said).toEqual(done)
        for (let byte = 0; byte < end; byte++) expect(emitted.has(byte)).toBe(done.has(byte))
      }
      expect(emitted.position).toEqual({ offset: end, ranges: [] })
    }),
    parameters,
  )
})
