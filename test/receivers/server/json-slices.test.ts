import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementsOf, memberOf } from '../../../src/receivers/server/json-slices.ts'

const spaces = fc.constantFrom('', ' ', '\n', '\t \r\n')

test('the elements of any list, as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, (values, space) => {
      const texts = values.map((value) => space + JSON.stringify(value) + space)
      expect(elementsOf(`${space}[${texts.join(',')}]${space}`)).toEqual(texts)
    }),
  )
})

test('a member of any object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object, null, 1)
      for (const [name, value] of Object.entries(object)) {
        expect(JSON.parse(memberOf(text, name)!)).toEqual(JSON.parse(JSON.stringify(value)))
      }
      expect(memberOf(text, 'not there \u0000')).toBeUndefined()
    }),
  )
})

test('of a name given twice the last', () => {
  expect(memberOf('{"data":1,"x":{"data":2},"d\\u0061ta": {"n":3} }', 'data')).toBe('{"n":3}')
})
