/** What a run of the crash matrix found, for the page that shows it: development/reliability.ts reads these files. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = join(import.meta.dirname, '../../out/crash')

export function keepResult(name: string, figures: Readonly<Record<string, number | boolean>>): void {
  mkdirSync(directory, { recursive: true })
  const result = { name, time: new Date().toISOString(), ...figures }
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
