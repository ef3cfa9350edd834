import { expect, test } from 'vitest'
import { inReadingOrder, type Problem, printPath } from '../../src/config/problem.ts'
import { renderProblems } from '../../src/config/render.ts'

const problem = (
  file: string,
  line: number,
  column: number,
  severity: Problem['severity'] = 'error',
): Problem => ({
  severity,
  position: { file, line, column },
  path: ['sinks', 'hook', 'urll'],
  message: `at ${line}`,
})

test('paths read as they are written', () => {
  expect(printPath(['routes', 2, 'when'])).toBe('routes[2].when')
  expect(printPath(['receivers', 'a-b', 'mapping', 'actor.id', 0])).toBe(
    'receivers.a-b.mapping."actor.id"[0]',
  )
})

test('one line each, and how many there are', () => {
  const nowhere: Problem = { severity: 'error', position: undefined, path: [], message: 'nothing there' }
  const problems = [problem('a.yaml', 12, 5), problem('a.yaml', 13, 1, 'warning'), nowhere]
  expect(renderProblems(problems, { colors: false })).toBe(
    'a.yaml:12:5  sinks.hook.urll: at 12\n' +
      'a.yaml:13:1  warning: sinks.hook.urll: at 13\n' +
      'nothing there\n' +
      '2 errors, 1 warning\n',
  )
  const colored = renderProblems(problems, { colors: true })
  expect(colored).toContain('\u001b[1msinks.hook.urll\u001b[22m: at 12')
})

test('reading order: files as they came, then from top to bottom', () => {
  const mixed = [
    problem('b', 2, 1),
    problem('a', 9, 1),
    problem('b', 1, 7),
    problem('b', 1, 3),
    problem('a', 1, 1),
  ]
  expect(
    inReadingOrder(mixed).map(({ position }) => `${position?.file}${position?.line}:${position?.column}`),
  ).toEqual(['b1:3', 'b1:7', 'b2:1', 'a1:1', 'a9:1'])
})
