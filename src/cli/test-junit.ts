/** What came of mappings' tests as JUnit's XML, which build servers read. */
import { renderResults, type TestedSubject } from './test-render.ts'

export function renderJunit(tested: readonly TestedSubject[]): string {
  const suites = tested.map((subject) => {
    const { where, results } = subject
    const failures = results.filter(({ passed }) => !passed).length
    const cases = results.map((result) => {
      const open = `    <testcase classname="${escaped(where)}" name="${escaped(result.name)}"`
      if (result.passed) return `${open}/>\n`
      const text = renderResults([{ where, results: [result] }], { colors: false })
      const message = result.reason ?? result.events[0]?.differences[0]?.path ?? ''
      return `${open}>\n      <failure message="${escaped(message)}">${escaped(text)}</failure>\n    </testcase>\n`
    })
    const head = `  <testsuite name="${escaped(where)}" tests="${results.length}" failures="${failures}">`
    return `${head}\n${cases.join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 has no word for most control characters. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => entities[character]!)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
