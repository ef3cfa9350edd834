/**
 * `node development/keep-reliability.ts`: takes what the last runs of the crash matrix and of the soak found into
 * docs/reliability.json, from which `npm run generate` makes tables. Run them at full length before.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../src/version.ts'
import { type Reliability, reliabilityFile, reliabilitySchema } from './generate-reliability.ts'

const found = join(import.meta.dirname, '../out/crash')
const results = readdirSync(found)
  .filter((name) => name.endsWith('.json'))
  .toSorted()
  .map((name): unknown => JSON.parse(readFileSync(join(found, name), 'utf8')))
const kept: Reliability = reliabilitySchema.parse({ version, node: process.version, results })
writeFileSync(reliabilityFile, `${JSON.stringify(kept, null, 2)}\n`)
for (const { name, full } of kept.results) {
  process.stdout.write(`${name}: ${full === false ? 'a slice only' : 'kept'}\n`)
}
