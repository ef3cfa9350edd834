/** kill -9 while one configuration takes the place of another, again and again, under load: the journal opens, and nothing is lost. */
import { expect, test } from 'vitest'
import { full, randomFrom, seed } from '../seed.ts'
import { countJournal } from './count-journal.ts'
import { keepResult } from './results.ts'
import { Trial } from './trial.ts'

const kills = full ? 60 : 3

test(`${kills} times kill -9 at random while the configuration changes (seed ${seed})`, async () => {
  const random = randomFrom(seed)
  await using trial = await Trial.begin()
  let asked = 0
  for (let round = 0; round < kills; round++) {
    await using agent = trial.start()
    await agent.ready()
    const change = setInterval(() => {
      trial.configure()
      agent.signal('SIGHUP')
      asked++
    }, 60)
    const kill = setTimeout(() => agent.signal('SIGKILL'), 150 + random() * 900)
    await trial.feed(() => !agent.running)
    clearInterval(change)
    clearTimeout(kill)
    expect((await agent.ended).signal).toBe('SIGKILL')
    // A file that was read half-written is refused; nothing else may be.
    for (const { msg, problems } of agent.log.filter(({ level }) => level >= 50))
      expect([msg, problems]).toEqual([
        'the configuration was not changed: what was read is refused',
        expect.anything(),
      ])
  }
  const accounts = await trial.settle()
  const journal = await countJournal(trial.dataDir, 'app')
  keepResult('reload-kills', { full, seed, kills, asked, ...accounts, journal: journal.total })
  expect(accounts).toMatchObject({ lost: 0, twice: 0, acknowledgedLost: 0, renamed: 0 })
  expect(journal).toEqual({ total: accounts.lines, distinct: accounts.lines })
})
