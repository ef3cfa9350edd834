/**
 * `npm run generate`: writes what is derived from the sources (schemas, references). With `--check` it writes
 * nothing and exits 1 when a committed file differs from what would be written.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { renderConfigSchema } from '../src/agent/config-schema.ts'
import { renderAuditEventSchema } from '../src/event/json-schema.ts'
import { withColumns } from './generate-columns.ts'
import { withReference } from './generate-configuration.ts'
import { renderErrorsReference } from './generate-errors.ts'
import { withMembers } from './generate-mapping.ts'
import { renderMetricsReference } from './generate-metrics.ts'
import { presetPages, withPresets } from './generate-presets.ts'
import { withResults, withSummary } from './generate-reliability.ts'
import { withShapes } from './generate-shapes.ts'

const root = new URL('..', import.meta.url)

/** Each file with what makes its text; `current` is what the file holds now. */
const files: Record<string, (current: string) => string | Promise<string>> = {
  'schema/affiant.schema.json': renderConfigSchema,
  'schema/audit-event-1.schema.json': renderAuditEventSchema,
  'docs/configuration.md': withReference,
  'docs/errors.md': renderErrorsReference,
  'docs/mapping.md': withMembers,
  'docs/metrics.md': renderMetricsReference,
  'docs/presets.md': withPresets,
  'docs/reliability.md': withResults,
  'docs/shapes.md': withShapes,
  'docs/sinks.md': withColumns,
  'README.md': withSummary,
}

/** Pages that hold nothing else. */
const pages = await presetPages()
for (const [path, text] of Object.entries(pages)) files[path] = () => text

const check = process.argv.includes('--check')
for (const [path, render] of Object.entries(files)) {
  const file = new URL(path, root)
  const current = await readFile(file, 'utf8').catch(() => '')
  const text = await render(current)
  if (text === current) continue
  if (check) {
    process.stderr.write(`${path} is out of date: run npm run generate\n`)
    process.exitCode = 1
  } else {
    await writeFile(file, text)
    process.stdout.write(`${path} written\n`)
  }
}
