/**
 * `node development/keep-reliability.ts`: takes what the last runs of the crash matrix, of the soak and of trials with
 * faults found into docs/reliability.json, from which `npm run generate` makes tables. Run them at full length before;
 * what was not run anew keeps its figures and its date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../src/version.ts'
import { type Reliability, reliabilityFile, reliabilitySchema } from './generate-reliability.ts'

const found = join(import.meta.dirname, '../out/crash')
const read = (path: string | URL): unknown => JSON.parse(readFileSync(path, 'utf8'))
const before = reliabilitySchema.parse(read(reliabilityFile))
const anew = reliabilitySchema.parse({
  version,
  node: process.version,
  results: readdirSync(found)
    .filter((name) => name.endsWith('.json'))
    .map((name) => read(join(found, name))),
})
const known = new Set(anew.results.map(({ name }) => name))
const all = [...anew.results, ...before.results.filter(({ name }) => !known.has(name))]
const results = all.toSorted((a, b) => a.name.localeCompare(b.name))
const kept: Reliability = { ...anew, results }
writeFileSync(reliabilityFile, `${JSON.stringify(kept, null, 2)}\n`)
for (const { name, full } of kept.results) {
  process.stdout.write(`${name}: ${full === false ? 'a slice only' : 'kept'}\n`)
}
