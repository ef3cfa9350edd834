/** The process on data of another version: an older one is continued, a newer one is refused and left as it is. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import { expect, test } from 'vitest'
import { segmentVersion } from '../../src/journal/segment-header.ts'
import { AffiantProcess } from '../e2e/agent-process.ts'
import { countJournal } from './count-journal.ts'
import { keepResult } from './results.ts'
import { Trial } from './trial.ts'

const fixtures = join(import.meta.dirname, '../fixtures/crash')

/**
 * Data that older versions left when they were killed: of an agent with the directory's name, 200 lines of a receiver
 * `old`, none of them delivered.
 */
const older = readdirSync(fixtures).filter((name) => name.startsWith('version-'))

test.each(older)('upgrade: data of %s is continued, across a kill', async (name) => {
  await using trial = await Trial.begin({ settings: { agent: { id: name } } })
  cpSync(join(fixtures, name), trial.dataDir, { recursive: true })
  {
    await using agent = trial.start()
    await agent.ready()
    await trial.feed(() => trial.sink.from('app').distinct > 1000)
  }
  const accounts = await trial.settle()
  const journal = await countJournal(trial.dataDir, 'app')
  expect(trial.sink.from('old').missing(200)).toEqual([])
  expect(trial.sink.from('old').distinct).toBe(200)
  keepResult(`upgrade-${name}`, { kills: 1, ...accounts, journal: journal.total })
  expect(accounts).toMatchObject({ lost: 0, twice: 0, acknowledgedLost: 0, renamed: 0 })
  expect(journal).toEqual({ total: accounts.lines, distinct: accounts.lines })
})

function contents(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return new Map(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path, readFileSync(path, 'hex')]
    }),
  )
}

test('downgrade: a journal of a later version is refused with exit 65, and no byte of the directory changes', async () => {
  await using trial = await Trial.begin()
  await using agent = trial.start()
  await agent.ready()
  await trial.feed(() => trial.sink.events > 300)
  agent.signal('SIGTERM')
  await agent.ended
  const directory = join(trial.dataDir, 'journal')
  const last = readdirSync(directory).sort().at(-1) ?? ''
  const bytes = readFileSync(join(directory, last))
  for (const page of [bytes.subarray(0, 4096), bytes.subarray(4096, 8192)]) {
    page.writeUInt16LE(segmentVersion + 1, 8)
    page.writeUInt32LE(crc32c(page.subarray(0, 4092)), 4092)
  }
  writeFileSync(join(directory, last), bytes)
  const before = contents(trial.dataDir)
  await using downgraded = new AffiantProcess(['run', '-c', trial.directory.at('affiant.yaml')])
  const { code, stderr } = await downgraded.result()
  expect(stderr).toContain(`version ${segmentVersion + 1}`)
  expect(code).toBe(65)
  expect(contents(trial.dataDir)).toEqual(before)
  keepResult('downgrade', { refused: 1, changedFiles: 0 })
})
