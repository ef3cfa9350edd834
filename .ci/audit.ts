// `npm audit` of what users install. High and critical advisories fail it. A registry that answers no audits (a mirror, no network)
// is no finding: it is said, and nothing was audited.
import { spawnSync } from 'node:child_process'

const args = [
  'audit',
  '--omit=dev',
  '--audit-level=high',
  '--json',
  '--fetch-retries=1',
  '--fetch-timeout=30000',
]
const { status, stdout, error } = spawnSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 })
if (error !== undefined) throw error

interface Report {
  readonly message?: string
  readonly statusCode?: number
  readonly error?: { readonly code?: string; readonly summary?: string }
  readonly vulnerabilities?: Record<string, { readonly severity: string; readonly range: string }>
}

const report: Report = JSON.parse(stdout)
const found = Object.entries(report.vulnerabilities ?? {})
for (const [name, { severity, range }] of found) process.stdout.write(`${severity}: ${name} ${range}\n`)
if (report.vulnerabilities === undefined) {
  const { message = '', statusCode = 0 } = report
  const why = [message, report.error?.summary, report.error?.code].find(Boolean) ?? 'it does not say why'
  // Refused, or nobody there; whatever else went wrong is a failed audit. Addresses stay where they are.
  const isAbsent = statusCode >= 400 || /^request to \S+ failed/.test(message)
  const brief = why.replace(/^request to \S+ failed, reason: /, '').replace(/ - .*/, '')
  if (isAbsent) process.stdout.write(`NOT AUDITED: the registry answers no audits (${brief})\n`)
  else {
    process.stdout.write(`the audit failed: ${brief}\n`)
    process.exitCode = 1
  }
} else {
  process.stdout.write(`audited: ${found.length} packages with advisories\n`)
  process.exitCode = status ?? 1
}
