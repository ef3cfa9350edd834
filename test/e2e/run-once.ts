/** `affiant run --once` over files of several formats, and what comes of it. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { AgentProcess, configure, type WorkDirectory } from './agent-process.ts'
import { invalid } from './events.ts'

export async function runOnce(
  directory: WorkDirectory,
  receivers: Readonly<Record<string, unknown>>,
  workers = 1,
) {
  const config = configure(directory, {
    agent: { id: 'node-1', data_dir: directory.at('data'), workers },
    receivers,
    sinks: { out: { type: 'file', path: directory.at('out.ndjson') } },
  })
  await using agent = new AgentProcess(['run', '--once', '-c', config])
  const result = await agent.result()
  expect(result, result.stderr).toMatchObject({ code: 0, signal: null })
  const all = readFileSync(directory.at('out.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): OutputEvent => JSON.parse(line))
  expect(all.map(invalid).filter((problem) => problem !== undefined)).toEqual([])
  const own = ({ action }: OutputEvent) => action.startsWith('affiant.')
  return {
    config,
    events: all.filter((event) => !own(event)),
    own: all.filter(own),
    opened: all.filter(({ action }) => action === 'affiant.stream.opened'),
  }
}

/** How many events of each preset that was recognised. */
export function byPreset(events: readonly OutputEvent[]): Record<string, number> {
  const groups = Map.groupBy(events, ({ provenance }) => provenance.preset ?? 'none')
  groups.delete('none')
  return Object.fromEntries([...groups].map(([preset, group]) => [preset, group.length]))
}
