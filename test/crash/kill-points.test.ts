/** kill -9 before, in the middle of and after every named write of the agent, one life after the other on the same data. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { full, randomFrom, seed } from '../seed.ts'
import { keepResult } from './results.ts'
import { Trial } from './trial.ts'
import { isWritePoint, type Phase, phasesOf, type WritePoint, writePoints } from './write-points.ts'

const preload = join(import.meta.dirname, 'kill-at.ts')
const random = randomFrom(seed)

interface Round {
  readonly point: WritePoint
  readonly phase: Phase
  readonly nth: number
}

const all: Round[] = Object.entries(writePoints).flatMap(([point, often]) =>
  isWritePoint(point)
    ? phasesOf(point).map((phase) => ({ point, phase, nth: 1 + Math.floor(random() * often) }))
    : [],
)

/** A new directory has these, and only a new one, each until it is done: they come first, in their order. */
const ofNewDirectory: readonly WritePoint[] = [
  'directory made',
  'hash key created',
  'hash key written',
  'hash key synced',
  'hash key renamed',
]
const phases: readonly Phase[] = ['before', 'middle', 'after']

/** Below zero for those. */
function placeOf({ point, phase }: Round): number | undefined {
  const at = ofNewDirectory.indexOf(point)
  return at < 0 ? undefined : (at - ofNewDirectory.length) * phases.length + phases.indexOf(phase)
}

/** What an agent does when it is asked to stop. */
const atStop = new Set<WritePoint>([
  'seal written',
  'seal synced',
  'spare segment removed',
  'agent file removed',
])

function chosen(): Round[] {
  const shuffled = all
    .map((round) => ({ round, at: placeOf(round) ?? random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ round }) => round)
  if (full) return shuffled
  const isNew = (round: Round) => placeOf(round) !== undefined
  // Of the new directory's a few, or they would be all that there is.
  const first = shuffled.filter(isNew)
  const skipped = new Set(first.filter(() => random() > 4 / first.length))
  return shuffled.filter((round) => !skipped.has(round)).slice(0, 12)
}

/** A life that ends at work, so that the next one has blocks to recover. */
async function liveAndDie(trial: Trial): Promise<void> {
  await using agent = trial.start()
  const before = trial.sink.events
  await trial.feed(() => trial.sink.events > before + 500 || !agent.running)
}

/** Whether the agent died where it should. */
async function dieAt(trial: Trial, round: Round, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (round.point.startsWith('recovered')) await liveAndDie(trial)
  await using agent = trial.start({ ...env, AFFIANT_KILL: JSON.stringify(round) })
  const started = performance.now()
  const patience = atStop.has(round.point) ? 2500 : 20_000
  let asked = false
  await trial.feed(() => {
    if (!asked && performance.now() - started > patience && /delivers/.test(agent.stdout)) {
      asked = true
      agent.signal('SIGTERM')
    }
    return !agent.running
  })
  return (await agent.ended).signal === 'SIGKILL'
}

test(`kill -9 at the named write points (seed ${seed})`, async () => {
  await using trial = await Trial.begin({
    poisoned: true,
    settings: { journal: { segment_size: '256KiB', keep: '1s' } },
  })
  const census = trial.directory.at('census')
  const env = {
    NODE_OPTIONS: `--import=${preload}`,
    AFFIANT_PLACES: JSON.stringify(trial.places),
    AFFIANT_CENSUS: census,
  }
  const rounds = chosen()
  const missed: Round[] = []
  for (const round of rounds) {
    // Whether a stop finds a spare segment to remove, for one, is a matter of time: some lives pass a point by.
    let lives = 0
    while (lives < 4 && !(await dieAt(trial, round, env))) lives++
    if (lives === 4) missed.push(round)
  }
  const accounts = await trial.settle()
  const points = new Set(rounds.map(({ point }) => point)).size
  keepResult('kill-points', { full, seed, points, kills: rounds.length, ...accounts })
  const unnamed = readFileSync(census, 'utf8')
    .split('\n')
    .filter((name) => name.startsWith('unnamed'))
  expect([...new Set(unnamed)], 'writes that are at no named point').toEqual([])
  expect(missed, 'never came to this point').toEqual([])
  expect(accounts).toMatchObject({ lost: 0, twice: 0, acknowledgedLost: 0, renamed: 0 })
})
