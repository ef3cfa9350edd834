/** docs/metrics.md, from the registry that serves /metrics. */
import { Counter, Gauge, Histogram } from '@prometheus-io/client'
import { createMetrics } from '../src/telemetry/metrics.ts'

interface Row {
  readonly name: string
  readonly type: string
  readonly labels: string
  readonly help: string
}

export function renderMetricsReference(): string {
  const { registry } = createMetrics()
  const rows = registry
    .getMetricsAsArray()
    .map(describe)
    .toSorted((a, b) => a.name.localeCompare(b.name))
  const own = rows.filter(({ name }) => name.startsWith('affiant_'))
  const process = rows.filter(({ name }) => !name.startsWith('affiant_'))
  return `# Metrics

Generated from src/telemetry/ by \`npm run generate\`. Served at \`/metrics\` of the \`telemetry\` listener in the text
format of Prometheus. Counted per batch, never per event; a counter starts at 0 with each start of the agent.

Labels: \`receiver\`, \`sink\` and \`route\` are the names in the configuration; \`affiant\` as a receiver is the agent's own
events.

## Affiant

${table(own)}

## The process

Read when scraped.

${table(process)}
`
}

function describe(metric: object): Row {
  const help: unknown = Reflect.get(metric, 'help')
  const labels: unknown = Reflect.get(metric, 'labelNames')
  return {
    name: String(Reflect.get(metric, 'name')),
    type:
      metric instanceof Counter
        ? 'counter'
        : metric instanceof Gauge
          ? 'gauge'
          : metric instanceof Histogram
            ? 'histogram'
            : 'untyped',
    labels: Array.isArray(labels) ? labels.map((label) => `\`${label}\``).join(', ') : '',
    help: String(help).replaceAll('|', '\\|'),
  }
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels} | ${help} |`)
  return `| metric | type | labels | meaning |\n|---|---|---|---|\n${lines.join('\n')}`
}
