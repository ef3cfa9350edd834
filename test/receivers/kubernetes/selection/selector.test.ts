import { expect, test } from 'vitest'
import { parseSelector, selectorProblem } from '../../../../src/receivers/kubernetes/selection/selector.ts'

const values = { app: 'web', tier: 'front', 'affiant.dev/collect': 'true', empty: '' }

test.each([
  ['app=web', true],
  ['app == web', true],
  ['app=api', false],
  ['app!=api', true],
  ['app!=web', false],
  // What lacks the label is no other value.
  ['none!=x', true],
  ['none=', false],
  ['empty=', true],
  ['app in (api, web)', true],
  ['app in (api)', false],
  ['app notin (api,db)', true],
  ['none notin (a)', true],
  ['app', true],
  ['!app', false],
  ['! none', true],
  ['affiant.dev/collect=true', true],
  ['app in (web,api),tier=front', true],
  ['app in (web,api), tier=back', false],
  ['toString', false],
  ['constructor!=x', true],
])('%s', (text, expected) => {
  expect(parseSelector(text)(values)).toBe(expected)
})

test.each([
  '',
  'app=web,',
  'app in web',
  'app in (a',
  'app > 3',
  'a b',
  'app=a=b',
  '-app',
  'app=(a)',
  'a,,b',
])('%j is none', (text) => {
  expect(selectorProblem(text)).toMatch(/is no requirement of a selector/)
})
