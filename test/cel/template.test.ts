import { expect, test } from 'vitest'
import { CelError } from '../../src/cel/error.ts'
import { compileTemplate } from '../../src/cel/template.ts'

const variables = {
  actor: { id: {}, email: {} },
  scope: true,
  date: {},
  severity: {},
  unmapped: true,
} as const
const event = {
  actor: { id: 'u_1' },
  scope: [
    { type: 'project', id: 'p' },
    { type: 'organization', id: 'acme', name: 'Acme {Ltd}' },
  ],
  date: '2026-11-24',
  severity: 9,
  unmapped: { n: 3.5, flag: true, list: [1] },
}
const render = (source: string, options = {}) => compileTemplate(source, variables, options)(event)

test('expressions stand in braces, doubled braces are braces', () => {
  expect(render('{scope("organization").id}/{date}/{{x}}')).toBe('acme/2026-11-24/{x}')
  expect(render('{scope("organization").name}')).toBe('Acme {Ltd}')
  expect(render('a{ actor.id }b')).toBe('au_1b')
  expect(render('{severity}-{unmapped.n}-{unmapped.flag}-{severity + 1}')).toBe('9-3.5-true-10')
  expect(render(`{{"a}": "x"}["a}"]}`.replace('{{', '{ {'))).toBe('x')
  expect(render('{actor.id == "u_1" ? "yes" : "no"}')).toBe('yes')
})

test('without a value there is no text, unless it is said what stands for it', () => {
  for (const source of ['{actor.email}', 'x{scope("team").id}', '{unmapped.list}', '{unmapped.other}']) {
    expect(render(source)).toBeUndefined()
  }
  expect(render('x{scope("team").id}/{actor.id}', { absent: 'unknown' })).toBe('xunknown/u_1')
})

test('values can be made safe; the text around them stays', () => {
  expect(render('a b/{scope("organization").name}', { encode: encodeURIComponent })).toBe(
    'a b/Acme%20%7BLtd%7D',
  )
})

test('text alone is constant', () => {
  const template = compileTemplate('main', variables)
  expect(template.constant).toBe(true)
  expect(template({})).toBe('main')
  expect(compileTemplate('{date}', variables).constant).toBe(false)
})

test.each([
  ['{actor.idd}', 2, /no `actor.idd`/],
  ['ab{actr.id}', 4, /no `actr`/],
  ['{date', 1, /not closed/],
  ['a}', 2, /never opened/],
  ['a{}', 3, /empty/],
  ['{date}/{1 +}', 0, /./],
  ['{scope(date).id}', 2, /scope\(\) takes the type/],
  ['{nope("x")}', 2, /no function/],
])('%s is refused, with its place', (source, column, message) => {
  const compile = () => compileTemplate(source, variables)
  expect(compile).toThrow(CelError)
  expect(compile).toThrow(message)
  if (column > 0) expect(compile).toThrow(expect.objectContaining({ line: 1, column }))
})
