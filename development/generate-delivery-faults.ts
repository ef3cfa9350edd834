/** What trials with faults at random before a destination found, as a table of docs/reliability.md. */
import { z } from 'zod'

const figure = z.number().int().nonnegative()

/** As test/faults/trial.ts counts. */
export const deliveryFaults = z.looseObject({
  name: z.templateLiteral([z.string(), '-faults']),
  time: z.iso.datetime(),
  full: z.boolean(),
  seed: figure,
  milliseconds: figure,
  events: figure,
  missing: figure,
  foreign: figure,
  duplicates: figure,
  lostAnswers: figure,
  agentRestarts: figure,
})

type DeliveryFaults = z.output<typeof deliveryFaults>

/** Server and sink, by the name of the result. */
const places: Readonly<Record<string, readonly [server: string, sink: string]>> = {
  's3-faults': ['Ceph', '`s3`'],
  'otlp-http-faults': ['OpenTelemetry Collector', '`otlp`, HTTP'],
  'otlp-grpc-faults': ['OpenTelemetry Collector', '`otlp`, gRPC'],
  'splunk-hec-faults': ['OpenTelemetry Collector, its HEC receiver', '`splunk_hec`, acknowledged'],
  'nginx-faults': ['nginx', '`http`, TLS with certificates'],
  'http-faults': ['a server of the tests', '`http`'],
  'splunk_hec-faults': ['a server of the tests', '`splunk_hec`, acknowledged'],
}

const number = (value: number) => value.toLocaleString('en-US')

function renderRow(each: DeliveryFaults): string {
  const place = places[each.name]
  if (place === undefined) throw new Error(`docs/reliability.json: nobody knows where ${each.name} was`)
  const { events, missing, foreign, duplicates, lostAnswers, agentRestarts, milliseconds, time } = each
  const figures = [events, missing, foreign, duplicates, lostAnswers, agentRestarts].map(number)
  const cells = [...place, time.slice(0, 10), number(milliseconds / 1000), ...figures, String(each.seed)]
  return `| ${cells.join(' | ')} |`
}

export function renderDeliveryFaults(results: readonly DeliveryFaults[]): string {
  const order = Object.keys(places)
  const ordered = results.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  return `| server | sink | on | seconds | events | missing | not as in the journal | there again | answers lost | restarts of the agent | seed |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
${ordered.map(renderRow).join('\n')}
`
}
