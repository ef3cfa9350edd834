import { expect, test } from 'vitest'
import { tellOfFile, tellOfStart } from '../../src/agent/enrichment-notes.ts'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

test('what became of a file is on record and counted', async () => {
  const metrics = createMetrics()
  const drafts: [OwnEventDraft, string | undefined][] = []
  const ownLog = { record: (draft: OwnEventDraft, kind?: string) => void drafts.push([draft, kind]) }
  const tell = (sha256: string | undefined, problem: string | undefined) =>
    tellOfFile({ path: 'users.csv', sha256, problem, notes: ['a row'] }, { ownLog, log: silentLog, metrics })
  tell('aa', undefined)
  tell('bb', 'users.csv: line 3: the key "u1" is there already')
  expect(drafts.map(([draft]) => draft)).toMatchObject([
    {
      action: 'affiant.enrichment.loaded',
      targets: [{ id: 'users.csv' }],
      metadata: { notes: ['a row'], sha256: 'aa' },
    },
    {
      action: 'affiant.enrichment.refused',
      outcome: { result: 'failure', reason: 'users.csv: line 3: the key "u1" is there already' },
      metadata: { sha256: 'bb' },
    },
  ])
  // A state and its end are one kind: the last word stays the last.
  expect(drafts[0]![1]).toBe(drafts[1]![1])
  expect((await metrics.enrichmentLoads.get()).values).toMatchObject([
    { value: 1, labels: { file: 'users.csv', result: 'loaded' } },
    { value: 1, labels: { file: 'users.csv', result: 'refused' } },
  ])
})

test('at the start, too, what of a file is not used is on record and in the log', () => {
  const drafts: OwnEventDraft[] = []
  const ownLog = { record: (draft: OwnEventDraft) => void drafts.push(draft) }
  const warned: unknown[] = []
  const log = { ...silentLog, warn: (...said: unknown[]) => void warned.push(said) } as typeof silentLog
  tellOfStart({ path: 'all.json', sha256: 'aa', notes: [] }, { ownLog, log })
  expect(warned).toEqual([])
  tellOfStart({ path: 'keys.json', sha256: 'bb', notes: ['keys[1] is a shared secret'] }, { ownLog, log })
  expect(warned).toEqual([
    [{ file: 'keys.json', notes: ['keys[1] is a shared secret'] }, 'an enricher does not use all of a file'],
  ])
  expect(drafts.map(({ metadata }) => metadata)).toEqual([
    { sha256: 'aa' },
    { notes: ['keys[1] is a shared secret'], sha256: 'bb' },
  ])
})
