// Prints "PASSED FAILED" from vitest's JSON report. On CI a skipped test is a failed one: everything can run there.
import { readFileSync } from 'node:fs'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
  readonly success: boolean
  readonly testResults: {
    readonly name: string
    readonly status: string
    readonly assertionResults: { status: string; fullName: string }[]
  }[]
}

const report: Report = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
const skipped = report.numPendingTests + report.numTodoTests
for (const file of report.testResults) {
  for (const { status, fullName } of file.assertionResults) {
    if (status === 'pending' || status === 'skipped' || status === 'todo')
      process.stderr.write(`skipped: ${fullName}\n`)
  }
}
// A file that fails to load has no failed test of its own, and an unhandled error belongs to no test.
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
).length
const failed = report.numFailedTests + skipped + broken
process.stdout.write(`${report.numPassedTests} ${failed === 0 && !report.success ? 1 : failed}\n`)
