/** The queries that pages show are run, over files in the folders that they name. */
import { expect, test } from 'vitest'
import { writeParquet } from '../../src/parquet/write.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { fullEvent } from '../event/sample-events.ts'
import { openEngine } from '../parquet/duckdb.ts'
import { jobOf, lineOf } from '../parquet/jobs.ts'
import { blocksOf } from './blocks.ts'

const queries = blocksOf('sql')

test.each(queries)('$name', async ({ text }) => {
  using directory = new WorkDirectory()
  using engine = await openEngine()
  for (const [day, id] of [
    ['2026-11-22', 'u_42'],
    ['2026-11-23', 'u_42'],
    ['2026-11-23', 'u_43'],
  ]) {
    const events = ['denied', 'success', 'failure'].map((result, index) => ({
      ...fullEvent,
      actor: { type: 'user', id },
      outcome: { result },
      time: `${day}T11:00:0${index}.000000000Z`,
    }))
    const file = writeParquet(jobOf(events.map(lineOf)))
    directory.write(`date=${day}/hour=11/node-1-${id}.parquet`, file)
  }
  const here = (sql: string) => sql.replaceAll('s3://audit-archive', directory.path)
  const rest = { action: 'invoice.approve', target_type: 'invoice', target_id: 'inv_730' }
  expect(await engine.rows(here(text))).toEqual([
    { time: '2026-11-23 11:00:00+00', ...rest, outcome_result: 'denied' },
    { time: '2026-11-23 11:00:02+00', ...rest, outcome_result: 'failure' },
  ])
  const agent = `select distinct event->>'$.source.user_agent' as agent from 's3://audit-archive/**/*.parquet'`
  expect(await engine.rows(here(agent))).toEqual([{ agent: 'billing-cli/3.4' }])
})

test('there are some', () => {
  expect(queries.map(({ page }) => page)).toContain('docs/sinks.md')
})
