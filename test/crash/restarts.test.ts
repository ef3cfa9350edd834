/** An agent that is stopped and started under load, as a service manager does it, again and again. */
import { expect, test } from 'vitest'
import { full } from '../seed.ts'
import { countJournal } from './count-journal.ts'
import { keepResult } from './results.ts'
import { Trial } from './trial.ts'

const stops = full ? 20 : 4

test(`${stops} times stopped and started under load`, async () => {
  await using trial = await Trial.begin()
  for (let round = 0; round < stops; round++) {
    await using agent = trial.start()
    await agent.ready()
    const before = trial.sink.events
    await trial.feed(() => trial.sink.events > before + 300)
    agent.signal('SIGTERM')
    await trial.feed(() => !agent.running)
    expect(await agent.ended, agent.stderr).toMatchObject({ code: 0 })
  }
  const accounts = await trial.settle()
  const journal = await countJournal(trial.dataDir, 'app')
  keepResult('restarts', { full, stops, ...accounts, journal: journal.total })
  expect(accounts).toMatchObject({ lost: 0, twice: 0, acknowledgedLost: 0, renamed: 0 })
  expect(journal).toEqual({ total: accounts.lines, distinct: accounts.lines })
})
