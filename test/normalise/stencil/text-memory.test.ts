import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerWords } from '../../../src/normalise/stencil/answer-words.ts'
import { TextMemory } from '../../../src/normalise/stencil/text-memory.ts'

/** Asks as a line does: the text lies somewhere in a chunk. */
function memory() {
  const answers = new AnswerWords()
  const texts = new TextMemory(answers)
  let asked = 0
  return {
    answers,
    texts,
    asked: () => asked,
    /** The answer to a text is its number. */
    ask: (text: string, number: number): number | undefined => {
      const bytes = Buffer.from(`"${text}"`)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      let at = texts.find(bytes, view, 1, bytes.length - 1)
      if (at === 0) {
        asked++
        at = texts.add(bytes, 1, bytes.length - 1, Int32Array.of(number))
      }
      return answers.words[at]
    },
  }
}

test('each text has its own answer, whatever texts there are, and is asked about once', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', '\0', 'ü') }),
    fc.nat(99).map((n) => `u_${n}`),
  )
  fc.assert(
    fc.property(fc.array(text, { maxLength: 400 }), (asked) => {
      const { ask, asked: times } = memory()
      const numbers = new Map<string, number>()
      for (const one of [...asked, ...asked]) {
        if (!numbers.has(one)) numbers.set(one, numbers.size)
        expect(ask(one, numbers.get(one)!)).toBe(numbers.get(one))
      }
      expect(times()).toBe(numbers.size)
    }),
    { numRuns: 60 },
  )
})

test('memory is bounded: after 65,536 texts all begins anew; a text over 1,024 bytes is not remembered', () => {
  const { ask, asked } = memory()
  for (let n = 0; n < 65_536; n++) ask(`text ${n}`, n)
  expect(ask('text 7', -1)).toBe(7)
  expect(ask('one more', 8)).toBe(8)
  expect(ask('text 7', -1)).toBe(-1)
  expect(ask('one more', -1)).toBe(8)
  const before = asked()
  for (let n = 0; n < 2; n++) {
    ask('x'.repeat(1025), n)
    ask('x'.repeat(1024), n)
  }
  expect(asked() - before).toBe(3)
})

test('what was forgotten is asked about again', () => {
  const { ask, answers, texts } = memory()
  expect(ask('a', 1)).toBe(1)
  answers.forget()
  texts.forget()
  expect(ask('b', 2)).toBe(2)
  expect(ask('a', 3)).toBe(3)
})
