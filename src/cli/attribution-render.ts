/** What `affiant attribution report` prints: for people, and as JSON. */
import type { AttributionSurvey, Counts, ProducerCounts } from '../attribution/survey.ts'
import { figure } from '../figure.ts'
import { type Column, renderTable } from './table.ts'

interface Row {
  readonly product: string
  readonly action: string
  readonly counts: Counts
}

const share = ({ complete, events }: Counts) =>
  // Not all is never shown as all.
  events === 0 ? '' : `${Math.floor((complete / events) * 1000) / 10} %`

/** The most frequent first. */
const byCount = (map: ReadonlyMap<string, number>) =>
  [...map].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))

const listed = (map: ReadonlyMap<string, number>) =>
  byCount(map)
    .map(([member, count]) => `${member} ${figure(count)}`)
    .join(', ')

const columns: readonly Column<Row>[] = [
  { title: 'producer', right: false, cell: ({ product }) => product },
  { title: 'action', right: false, cell: ({ action }) => action },
  { title: 'events', right: true, cell: ({ counts }) => figure(counts.events) },
  { title: 'complete', right: true, cell: ({ counts }) => share(counts) },
  { title: 'missing', right: false, cell: ({ counts }) => listed(counts.missing) },
]

const lacking = ({ events, complete }: Counts) => events - complete

/** The one that lacks most first, then the one with most events. */
const worstFirst = (a: Counts, b: Counts) => lacking(b) - lacking(a) || b.events - a.events

/** A row for each producer, and one for each of its actions that lacks something; `top` of these. */
export function renderReport(survey: AttributionSurvey, top: number): string {
  if (survey.all.events === 0) return 'no events\n'
  const incomplete = [...survey.producers.values()].flatMap(({ product, actions }) =>
    [...actions]
      .filter(([, counts]) => lacking(counts) > 0)
      .map(([action, counts]): Row => ({ product, action, counts })),
  )
  const shown = new Set(incomplete.toSorted((a, b) => worstFirst(a.counts, b.counts)).slice(0, top))
  const rows = producersOf(survey).flatMap((producer): Row[] => [
    { product: producer.product, action: '', counts: producer },
    ...incomplete
      .filter((row) => row.product === producer.product && shown.has(row))
      .toSorted((a, b) => worstFirst(a.counts, b.counts))
      .map((row) => ({ ...row, product: '' })),
  ])
  const more = incomplete.length - shown.size
  const lines = [
    `${figure(survey.all.events)} events, ${share(survey.all)} complete`,
    '',
    renderTable(columns, rows).trimEnd(),
    ...(more > 0 ? [`and ${figure(more)} more actions that lack something: --top`] : []),
    ...(survey.enriched.size > 0 ? ['', `added by enrichers: ${listed(survey.enriched)}`] : []),
    ...(survey.conflicts.size > 0 ? [`contradicted by enrichers: ${listed(survey.conflicts)}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

const producersOf = ({ producers }: AttributionSurvey): ProducerCounts[] =>
  [...producers.values()].toSorted(worstFirst)

const countsJson = ({ events, complete, missing }: Counts) => ({
  events,
  complete,
  ratio: events === 0 ? null : complete / events,
  missing: Object.fromEntries(byCount(missing)),
})

export function reportJson(survey: AttributionSurvey): object {
  return {
    ...countsJson(survey.all),
    enriched: Object.fromEntries(byCount(survey.enriched)),
    conflicts: Object.fromEntries(byCount(survey.conflicts)),
    producers: producersOf(survey).map((producer) => ({
      product: producer.product,
      ...countsJson(producer),
      actions: [...producer.actions]
        .toSorted(([, a], [, b]) => worstFirst(a, b))
        .map(([action, each]) => ({ action, ...countsJson(each) })),
    })),
  }
}
