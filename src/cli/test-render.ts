/** What came of mappings' tests, for a terminal: each test a line, and below one that failed what differs where. */
import picocolors from 'picocolors'
import type { TestResult } from '../agent/mapping-tests.ts'

export interface TestedSubject {
  readonly where: string
  readonly results: readonly TestResult[]
}

export function renderResults(
  tested: readonly TestedSubject[],
  { colors }: { readonly colors: boolean },
): string {
  const paint = picocolors.createColors(colors)
  const subjects = tested.map(({ where, results }) => {
    const head = paint.bold(where)
    if (results.length === 0)
      return `${head}\n  no tests: they go into \`tests:\`, each with name, input and expect\n`
    return `${head}\n${results.map((result) => renderResult(result, paint)).join('')}`
  })
  const results = tested.flatMap((subject) => subject.results)
  const failed = results.filter(({ passed }) => !passed).length
  const count = `${results.length} test${results.length === 1 ? '' : 's'}`
  const summary =
    failed > 0
      ? paint.red(`${count}, ${failed} failed`)
      : `${count}, ${results.length === 0 ? 'nothing was tried' : 'all passed'}`
  return `${subjects.join('')}${summary}\n`
}

function renderResult(result: TestResult, paint: ReturnType<typeof picocolors.createColors>): string {
  const { name, passed, reason, events, made } = result
  if (passed) return `  ${paint.green('✓')} ${name}\n`
  const lines = [`  ${paint.red('✗')} ${name}`]
  if (reason !== undefined) {
    lines.push(`      ${reason}`)
    for (const [i, event] of made.entries())
      lines.push(paint.dim(`      event ${i + 1}: ${JSON.stringify(event)}`))
  }
  for (const { index, differences } of events) {
    if (made.length > 1) lines.push(`      event ${index + 1} of ${made.length}`)
    for (const { path, expected, got } of differences) {
      lines.push(`      ${path}`)
      lines.push(`        expected  ${paint.green(expected)}`)
      lines.push(`        got       ${paint.red(got)}`)
    }
  }
  return `${lines.join('\n')}\n`
}
