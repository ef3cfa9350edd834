// `npm run bench:normalise`: what each preset's normaliser costs beside bare parsing. See bench/README.md.
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { presetNames } from '../../src/normalise/presets.ts'
import { figure, heading, print, row } from '../table.ts'
import { lineMakers } from './lines/index.ts'
import { makeLot } from './lot.ts'
import { type Measured, measure } from './measure.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    megabytes: { type: 'string', default: '8' },
    turns: { type: 'string', default: '7' },
    check: { type: 'boolean', default: false },
    one: { type: 'string' },
  },
})
const megabytes = Number(values.megabytes)
const turns = Number(values.turns)
if (!(megabytes > 0) || !Number.isInteger(turns) || turns <= 0) {
  process.stderr.write(
    'usage: npm run bench:normalise -- [--only PRESET] [--megabytes 8] [--turns 7] [--check]\n',
  )
  process.exit(64)
}

/** No preset may be slower than this part of bare parsing. */
const least = 0.2

/** Where it counts, what is below is measured again: other work on the machine is not the preset's. */
const tries = values.check ? 3 : 1

if (values.one === undefined) all()
else print(JSON.stringify(one(values.one)))

function one(preset: string): Measured {
  const maker = lineMakers[preset]!
  const lot = makeLot(maker, megabytes * 1e6)
  return measure(preset, maker, lot, turns)
}

function isFast(preset: string): boolean {
  for (let i = 0; i < tries; i++) {
    const output = execFileSync(process.execPath, [...process.argv.slice(1), '--one', preset], {
      encoding: 'utf8',
    })
    const measured: Measured = JSON.parse(output)
    tell(measured)
    if (measured.unparsed > 0) return false
    if (measured.ratio >= least || lineMakers[preset]?.slower !== undefined) return true
  }
  return false
}

function tell({ preset, records, bytes, normalised, reference, ratio, unparsed, served }: Measured): void {
  row([
    preset,
    figure(bytes / records),
    figure(normalised),
    figure(reference),
    ratio.toFixed(2),
    `${Math.round((100 * served) / records)} %`,
    ...(unparsed > 0 ? [`${unparsed} unreadable`] : []),
  ])
}

/** Each preset in a process of its own, as it would be in an agent with one receiver. */
function all(): void {
  const presets = presetNames().filter((name) => values.only === undefined || name === values.only)
  let failed = false
  heading(['preset', 'bytes a record', 'events/s', 'bare parsing', 'ratio', 'short way'])
  for (const preset of presets) {
    if (lineMakers[preset] === undefined) {
      row([preset, '', 'no lines are made for it', '', '', ''])
      failed = true
      continue
    }
    if (!isFast(preset)) failed = true
  }
  if (values.check && failed) {
    process.stderr.write(`below ${least} of bare parsing, or unreadable, or without lines: see the table\n`)
    process.exitCode = 1
  }
}
