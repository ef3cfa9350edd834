/**
 * kill -9 before, in the middle of and after every write of `affiant dlq replay`, of the command where no agent runs and of
 * the agent where one does: no letter is lost, and only batches that were under way are sent again.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { lettersOf } from '../../src/delivery/letters-on-disk.ts'
import {
  AffiantProcess,
  type AgentProcess,
  configure,
  startAgent,
  WorkDirectory,
} from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { full, randomFrom, seed } from '../seed.ts'
import { isWritePoint, type Phase, phasesOf, replayPoints, type WritePoint } from './write-points.ts'

const preload = join(import.meta.dirname, 'kill-at.ts')
const random = randomFrom(seed)

/** Letters, in two files; every 17th is refused once more. */
const letters = 120
const batch = 10
const isBad = (n: number) => n % 17 === 5
const numbers = Array.from({ length: letters }, (_, n) => n)

const often: Partial<Record<WritePoint, number>> = {
  ...replayPoints,
  'dead letter file created': 2,
  'dead letter written': 2,
  'dead letter synced': 2,
  'dead letter directory synced': 4,
}

interface Round {
  readonly point: WritePoint
  readonly phase: Phase
  readonly nth: number
  readonly by: 'command' | 'agent'
}

const all = Object.entries(often).flatMap(([point, times]) =>
  isWritePoint(point)
    ? phasesOf(point).flatMap((phase) =>
        (['command', 'agent'] as const).map(
          (by): Round => ({ point, phase, by, nth: 1 + Math.floor(random() * times) }),
        ),
      )
    : [],
)

const rounds = full
  ? all
  : all
      .map((round) => ({ round, at: random() }))
      .sort((a, b) => a.at - b.at)
      .slice(0, 6)
      .map(({ round }) => round)

async function keepLetters(directory: string): Promise<void> {
  await using store = await openDeadLetters({ directory, clock: systemClock, fileBytes: 12_000 })
  for (let from = 0; from < letters; from += 20) {
    const some = numbers.slice(from, from + 20).map((n) => ({
      sink: 'hook',
      seq: n,
      attempts: 1,
      reason: 'HTTP 400',
      line: Buffer.from(
        `{"action":"invoice.read","id":"e-${n}","log":{"origin":"affiant/e2e/1","seq":${n},"size":40}}`,
      ),
    }))
    expect(await store.add(some)).toBeNull()
  }
}

async function left(dataDir: string): Promise<Set<number>> {
  const found = await Array.fromAsync(lettersOf(dataDir, 'hook', (where) => expect.unreachable(where)))
  return new Set(found.map(({ seq }) => seq))
}

/** Whether the process died where it should. */
async function dieAt(round: Round, config: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const deadly = { env: { ...env, AFFIANT_KILL: JSON.stringify(round) } }
  const args = ['dlq', 'replay', 'hook', '-c', config]
  if (round.by === 'command') {
    await using command = new AffiantProcess(args, deadly)
    return (await command.ended).signal === 'SIGKILL'
  }
  await using agent: AgentProcess = startAgent(config, [], deadly)
  await agent.ready()
  const { code } = await new AffiantProcess(args).result()
  expect(code).toBe(69)
  return (await agent.ended).signal === 'SIGKILL'
}

test.each(rounds)(
  `dlq replay by the $by, killed $phase "$point" (seed ${seed})`,
  { timeout: 120_000 },
  async (round) => {
    using directory = new WorkDirectory()
    await using hook = await HttpDestination.open()
    hook.inspect = (events) => {
      hook.answer = events.some(({ event }) => isBad(event.log.seq)) ? 400 : 204
    }
    const dataDir = directory.at('data')
    await keepLetters(join(dataDir, 'dlq', 'hook'))
    const config = configure(directory, {
      sinks: { hook: { type: 'http', url: hook.url, batch: { max_events: batch }, concurrency: 4 } },
      telemetry: { listen: '127.0.0.1:0', log: { level: 'error' } },
    })
    const census = directory.at('census')
    const places = JSON.stringify({ dataDir, output: directory.at('out', 'out.ndjson') })
    const env = { NODE_OPTIONS: `--import=${preload}`, AFFIANT_PLACES: places, AFFIANT_CENSUS: census }
    expect(await dieAt(round, config, env), 'never came to this point').toBe(true)

    const arrived = () =>
      Map.groupBy(
        hook.delivered.filter(({ event }) => event.action === 'invoice.read'),
        ({ event }) => event.log.seq,
      )
    const kept = await left(dataDir)
    const first = arrived()
    expect(
      numbers.filter((n) => !kept.has(n) && !first.has(n)),
      'lost',
    ).toEqual([])

    const again = await new AffiantProcess(['dlq', 'replay', 'hook', '-c', config], { env }).result()
    expect(again.code, again.stderr).toBe(1)
    const second = arrived()
    expect([...second.keys()].toSorted((a, b) => a - b)).toEqual(numbers.filter((n) => !isBad(n)))
    expect(await left(dataDir)).toEqual(new Set(numbers.filter(isBad)))
    const twice = [...second.values()].filter((times) => times.length > 1)
    expect(twice.length, 'sent again').toBeLessThanOrEqual(4 * batch)
    expect(twice.every((times) => times.length === 2)).toBe(true)
    const unnamed = readFileSync(census, 'utf8')
      .split('\n')
      .filter((name) => name.startsWith('unnamed'))
    expect([...new Set(unnamed)], 'writes that are at no named point').toEqual([])
  },
)
