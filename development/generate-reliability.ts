/** The results of long tests, in docs/reliability.md and in the README, from docs/reliability.json. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { deliveryFaults, renderDeliveryFaults } from './generate-delivery-faults.ts'

export const reliabilityFile = new URL('../docs/reliability.json', import.meta.url)

const figure = z.number().int().nonnegative()

/** What one test found; it may say more. */
const result = z.looseObject({
  name: z.string(),
  time: z.iso.datetime(),
  /** Absent where there is but one length. */
  full: z.boolean().optional(),
  kills: figure.optional(),
  asked: figure.optional(),
  points: figure.optional(),
  stops: figure.optional(),
  cuts: figure.optional(),
  operations: figure.optional(),
  jumps: figure.optional(),
  refused: figure.optional(),
  minutes: z.number().optional(),
  lives: figure.optional(),
  rotations: figure.optional(),
  lines: figure.optional(),
  records: figure.optional(),
  lost: figure.optional(),
  twice: figure.optional(),
  acknowledgedLost: figure.optional(),
  resent: figure.optional(),
  memory: z.number().optional(),
  descriptors: z.number().optional(),
})

export const reliabilitySchema = z.strictObject({
  version: z.string(),
  node: z.string(),
  results: z.array(z.union([deliveryFaults, result])),
})

export type Reliability = z.output<typeof reliabilitySchema>
type Result = z.output<typeof result>

/** Those of the crash matrix and the soak. */
const crashes = ({ results }: Reliability): Result[] =>
  results.filter((each): each is Result => !deliveryFaults.safeParse(each).success)

const number = (value: number | undefined) => (value === undefined ? '–' : value.toLocaleString('en-US'))

/** What was done, in a line. */
const deeds: Readonly<Record<string, (result: Result) => string>> = {
  'kill-points': ({ kills, points }) =>
    `\`kill -9\` ${number(kills)} times at ${number(points)} named write points`,
  'random-kills': ({ kills }) => `\`kill -9\` ${number(kills)} times at random under load`,
  'reload-kills': ({ kills, asked }) =>
    `\`kill -9\` ${number(kills)} times while the configuration changed, which it was asked to ${number(asked)} times`,
  'power-cuts': ({ cuts, operations }) =>
    `${number(cuts)} power cuts before ${number(operations)} operations, any subset of unsynced pages kept`,
  restarts: ({ stops }) => `stopped and started ${number(stops)} times under load`,
  clock: ({ jumps }) => `wall clock moved ${number(jumps)} times, back a day to forward a year`,
  downgrade: () => 'data of a later version: refused, no byte changed',
  soak: ({ minutes, lives, rotations }) =>
    `${number(minutes)} minutes of mixed input, ${number(rotations)} rotations, a flapping sink, ${number(lives)} lives`,
}

function deedOf(result: Result): string {
  const upgraded = /^upgrade-version-(\d+)$/.exec(result.name)?.[1]
  const deed =
    upgraded === undefined
      ? deeds[result.name]?.(result)
      : `data of journal version ${upgraded} continued, across a kill`
  if (deed === undefined) throw new Error(`docs/reliability.json: nobody knows what ${result.name} did`)
  return result.full === false ? `${deed} (a slice)` : deed
}

function renderTable(reliability: Reliability): string {
  const { version, node } = reliability
  const results = crashes(reliability)
  const order = Object.keys(deeds)
  const ordered = results.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  const rows = ordered.map(
    (each) =>
      `| ${deedOf(each)} | ${each.time.slice(0, 10)} | ${number(each.lines)} | ${number(each.records)} | ${number(each.lost)} | ${number(each.twice)} | ${number(each.acknowledgedLost)} | ${number(each.resent)} |`,
  )
  const soaked = results.find(({ name }) => name === 'soak')
  const level =
    soaked?.memory === undefined || soaked.descriptors === undefined
      ? ''
      : `\nOver the soak, resident memory changed by ${soaked.memory.toFixed(2)} MiB a minute and open descriptors by ${soaked.descriptors.toFixed(2)} a minute.\n`
  return `Affiant ${version}, Node ${node}.

| what was done | on | lines written | records acknowledged | lines lost | lines twice in the journal | acknowledged records lost | deliveries repeated, same id |
|---|---|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}
${level}`
}

function renderLine(reliability: Reliability): string {
  const { version } = reliability
  const results = crashes(reliability)
  const sum = (key: 'kills' | 'cuts' | 'lines' | 'lost' | 'twice' | 'acknowledgedLost') =>
    results.reduce((total, each) => total + (each[key] ?? 0), 0)
  const date =
    results
      .map(({ time }) => time.slice(0, 10))
      .toSorted()
      .at(-1) ?? ''
  return `Version ${version}, ${date}: ${number(sum('kills'))} times \`kill -9\` and ${number(sum('cuts'))} power cuts,
${number(sum('lines'))} lines: ${number(sum('lost'))} lost, ${number(sum('twice'))} twice; of what an OTLP client was told is received, ${number(sum('acknowledgedLost'))} lost.
[How that is tested](docs/reliability.md).`
}

function between(page: string, mark: string, text: string): string {
  const [begin, end] = [`<!-- generated: ${mark} -->`, '<!-- /generated -->']
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`the page lacks ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`
}

const read = () => reliabilitySchema.parse(JSON.parse(readFileSync(reliabilityFile, 'utf8')))

/** docs/reliability.md with its tables made anew. */
export function withResults(page: string): string {
  const reliability = read()
  const faults = reliability.results.flatMap((each) => deliveryFaults.safeParse(each).data ?? [])
  const crashTable = between(page, 'crash matrix', `\n${renderTable(reliability)}`)
  return between(crashTable, 'delivery faults', `\n${renderDeliveryFaults(faults)}`)
}

/** The README with its summary made anew. */
export const withSummary = (page: string): string => between(page, 'crash matrix', renderLine(read()))
