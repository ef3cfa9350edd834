/**
 * `node development/samples.ts`: how much of what an audit event must answer the real records of ../shared/samples answer,
 * system by system, as a table for a report. With `--missing` also which actions lack what.
 */
import { completenessOf, present, readSystem, sampleSystems } from '../test/normalise/sample-systems.ts'

if (!present) {
  process.stderr.write('../shared/samples is not there\n')
  process.exit(1)
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`
const actions: string[] = []

process.stdout.write(
  '| system | preset | events | complete | what is missing | why |\n|---|---|---:|---:|---|---|\n',
)
for (const system of sampleSystems) {
  const events = (await readSystem(system)).flatMap((file) => file.events)
  const { complete, missing } = completenessOf(events)
  const lacks = Object.entries(missing).toSorted(([, a], [, b]) => b - a)
  const what = lacks.map(([member, count]) => `\`${member}\` ${count}`).join(', ')
  const cells = [
    system.name,
    `\`${system.preset}\``,
    events.length,
    percent(complete, events.length),
    what,
    system.why ?? '',
  ]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
  const lacking = events.filter(({ attribution }) => !attribution.complete)
  for (const [key, group] of Map.groupBy(
    lacking,
    ({ action, attribution }) => `${action}: ${attribution.missing!.join(', ')}`,
  )) {
    actions.push(`${String(group.length).padStart(5)}  ${system.name}  ${key}`)
  }
}
if (process.argv.includes('--missing')) process.stdout.write(`\n${actions.join('\n')}\n`)
