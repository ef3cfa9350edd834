/** The wall clock is set back a day and forward a year, under a running agent and between two: libfaketime moves it. */
import { existsSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { keepResult } from './results.ts'
import { Trial } from './trial.ts'

const library = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path))

// CI installs it: there, its absence is a failure.
test.skipIf(library === undefined && process.env.CI !== 'true')(
  'nothing is lost, twice or stuck when the clock moves (needs the package libfaketime)',
  async () => {
    if (library === undefined) throw new Error('libfaketime is not installed')
    await using trial = await Trial.begin({ settings: { journal: { segment_size: '256KiB', keep: '1s' } } })
    const clock = trial.directory.at('clock')
    let jumps = 0
    const move = (offset: string) => {
      writeFileSync(clock, offset)
      jumps++
    }
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    }
    const feed = async (lines: number) => {
      const goal = trial.lines.written + lines
      await trial.feed(() => trial.lines.written >= goal)
    }
    const app = trial.sink.from('app')
    const delivered = () =>
      until(
        'what was written is delivered',
        () => app.distinct === trial.lines.written,
        () => app.distinct,
      )

    move('+0')
    {
      await using agent = trial.start(env)
      await agent.ready()
      await feed(1000)
      await delivered()
      for (const offset of ['-1d', '+365d', '-1d']) {
        // What waits for its next attempt, or to be removed, has its times from before.
        await trial.sink.turn(503)
        await feed(1500)
        move(offset)
        await feed(1500)
        await trial.sink.turn(204)
        await delivered()
      }
      expect(agent.running).toBe(true)
    }
    for (const offset of ['-3d', '+400d']) {
      move(offset)
      await using agent = trial.start(env)
      await agent.ready()
      await feed(1500)
      await delivered()
    }
    const accounts = await trial.settle()
    keepResult('clock', { jumps, ...accounts })
    expect(accounts).toMatchObject({ lost: 0, acknowledgedLost: 0, renamed: 0 })
    expect(app.twice.size).toBe(0)
    // The request that is under way when its agent ends, with 25 records, may be committed twice: see docs/receivers-otlp.md.
    expect(accounts.twice).toBeLessThanOrEqual(25 * 3)
    expect(trial.sink.own.get('affiant.clock.jumped') ?? 0).toBeGreaterThan(0)
  },
)
