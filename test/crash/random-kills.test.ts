/** kill -9 at any moment under load: during the start, the recovery, a commit, a delivery. */
import { expect, test } from 'vitest'
import { full, randomFrom, seed } from '../seed.ts'
import { countJournal } from './count-journal.ts'
import { keepResult } from './results.ts'
import { Trial } from './trial.ts'

const kills = full ? 200 : 6

test(`${kills} times kill -9 at random under load (seed ${seed})`, async () => {
  const random = randomFrom(seed)
  await using trial = await Trial.begin()
  for (let round = 0; round < kills; round++) {
    await using agent = trial.start()
    // Every fourth dies somewhere in its start, the others at work.
    if (round % 4 !== 3) await agent.ready()
    const kill = setTimeout(() => agent.signal('SIGKILL'), random() * 900)
    await trial.feed(() => !agent.running)
    clearTimeout(kill)
    expect((await agent.ended).signal).toBe('SIGKILL')
  }
  const accounts = await trial.settle()
  const journal = await countJournal(trial.dataDir, 'app')
  keepResult('random-kills', { full, seed, kills, ...accounts, journal: journal.total })
  expect(accounts).toMatchObject({ lost: 0, twice: 0, acknowledgedLost: 0, renamed: 0 })
  expect(journal).toEqual({ total: accounts.lines, distinct: accounts.lines })
})
