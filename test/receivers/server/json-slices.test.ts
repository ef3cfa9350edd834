import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementsIn, membersIn, objectsIn, SliceError } from '../../../src/receivers/server/json-slices.ts'

const spaces = fc.constantFrom('', ' ', '\n', '\t \r\n')

test('the elements of any list, as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, (values, space) => {
      const texts = values.map((value) => space + JSON.stringify(value) + space)
      expect([...elementsIn(`${space}[${texts.join(',')}]${space}`)]).toEqual(texts)
    }),
  )
})

test('objects that follow each other, as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), spaces, (objects, space) => {
      const texts = objects.map((object) => JSON.stringify(object))
      expect([...objectsIn(space + texts.join(space) + space)]).toEqual(texts)
    }),
  )
})

test('behind the objects that there are, it says what is wrong', () => {
  for (const [text, why] of [
    ['{"a":1}7', 'it does not begin with {'],
    ['{"a":1}{"b":', 'it is not closed'],
    ['{"a":1}{"b":1]', 'another bracket closes it'],
  ] as const) {
    const found: string[] = []
    expect(() => {
      for (const object of objectsIn(text)) found.push(object)
    }).toThrow(new SliceError(why))
    expect(found).toEqual(['{"a":1}'])
  }
})

test('a member of any object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object, null, 1)
      for (const [name, value] of Object.entries(object)) {
        expect(JSON.parse(new Map(membersIn(text)).get(name)!)).toEqual(JSON.parse(JSON.stringify(value)))
      }
    }),
  )
})

test('a name given twice', () => {
  expect([...membersIn('{"data":1,"x":{"data":2},"d\\u0061ta": {"n":3} }')]).toEqual([
    ['data', '1'],
    ['x', '{"data":2}'],
    ['data', '{"n":3}'],
  ])
})

test('members that are none', () => {
  for (const [text, why] of [
    ['[]', 'it does not begin with {'],
    ['{"a":1,}', 'a member is no name with a value'],
    ['{"a" 1}', 'a member is no name with a value'],
    ['{a:1}', 'a member is no name with a value'],
    ['{"a"}', 'a member is no name with a value'],
    ['{"\\x":1}', 'a name is no JSON text'],
    ['{"a\n":1}', 'a name is no JSON text'],
    ['{"a":1', 'it is not closed'],
    ['{"a":1]', 'another bracket closes it'],
    ['{"a":1} {}', 'something follows the object'],
  ] as const) {
    expect(() => [...membersIn(text)]).toThrow(new SliceError(why))
  }
  expect([...membersIn(' { } ')]).toEqual([])
  // What Unicode calls a space is none in JSON.
  expect([...membersIn('{"a" : \u00a01\t}')]).toEqual([['a', '\u00a01']])
})
