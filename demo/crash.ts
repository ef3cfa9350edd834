// `npm run demo:crash`: 100,000 lines, five times kill -9, and the count of what is lost or there twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { crashRun } from './crash-run.ts'

const { values } = parseArgs({ options: { lines: { type: 'string', default: '100000' } } })
const lines = Number(values.lines)
if (!Number.isInteger(lines) || lines < 100) throw new RangeError('--lines takes a whole number from 100')
const figure = (n: number) => n.toLocaleString('en-US')

const directory = mkdtempSync(join(tmpdir(), 'affiant-demo-crash-'))
const killAt = Array.from({ length: 5 }, (_, k) => Math.floor((k + 0.2 + 0.6 * Math.random()) * (lines / 5)))
try {
  process.stdout.write(`${figure(lines)} lines, kill -9 at ${killAt.map(figure).join(' · ')}\n`)
  const result = await crashRun({ directory, lines, killAt })
  const { written, journal, lost, twice, resent, deliveredLines, deliveredIds } = result
  process.stdout.write(
    `written ${figure(written)} = journal ${figure(journal)}; lost ${lost}; twice ${twice}; re-sent ${figure(resent)} (same ids)\n`,
  )
  if (lost > 0 || twice > 0 || deliveredLines !== lines || deliveredIds !== lines) {
    process.stdout.write(`the sink has ${figure(deliveredLines)} lines under ${figure(deliveredIds)} ids\n`)
    process.exitCode = 1
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
