// A container's log with parts and several lines to a record, and kill -9 in between: each record exactly once.
import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

const time = '2026-11-23T07:58:33.123456789Z'
const cri = (output: string, tag: string, text: string) => `${time} ${output} ${tag} ${text}\n`

/** A trace on stdout in three lines, one of them in two parts, with a line of stderr in each gap. */
const written = (n: number) =>
  cri('stdout', 'F', `trace ${n}`) +
  cri('stderr', 'F', `note ${n}`) +
  cri('stdout', 'P', '  at ') +
  cri('stderr', 'F', `more ${n}`) +
  cri('stdout', 'F', `a:${n}`) +
  cri('stdout', 'F', '  at b')
const records = (n: number) => [`trace ${n}\n  at a:${n}\n  at b`, `note ${n}`, `more ${n}`]

const byText = (a: string, b: string) => (a < b ? -1 : 1)

test('CRI, multiline and kill -9', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: {
      app: {
        type: 'file',
        include: [directory.at('*.log')],
        poll: '50ms',
        preset: 'plain',
        container: 'cri',
        multiline: { indented: true, timeout: '200ms' },
      },
    },
  })
  const append = (parts: readonly string[]) => appendFileSync(directory.at('a.log'), parts.join(''))
  const delivered = () => eventsIn(directory.at('out.ndjson'))
  const total = 400
  const numbers = Array.from({ length: total }, (_, n) => n)
  {
    await using agent = startAgent(config)
    append(numbers.slice(0, total / 2).map(written))
    // In the middle of a record, and of a line.
    append([
      cri('stdout', 'F', `trace ${total}`),
      cri('stdout', 'P', '  at '),
      cri('stderr', 'F', `note ${total}`),
    ])
    await until('some', () => delivered().length > 10)
    agent.signal('SIGKILL')
    await agent.ended
  }
  append([cri('stdout', 'F', 'c'), ...numbers.slice(total / 2).map(written)])
  await using agent = startAgent(config)
  await agent.ready()
  const ids = () => new Set(delivered().map(({ id }) => id)).size
  const expected = numbers.flatMap(records)
  expected.push(`trace ${total}\n  at c`, `note ${total}`)
  await until('all', () => ids() >= expected.length, ids)
  const once = new Map(delivered().map((event) => [event.log.seq, event]))
  expect([...once.values()].map(({ message }) => message ?? '').toSorted(byText)).toEqual(
    expected.toSorted(byText),
  )
  const trace = delivered().find(({ message }) => message?.startsWith('trace'))
  expect(trace).toMatchObject({
    time,
    time_source: 'inferred',
    metadata: { container: { output: 'stdout', time } },
  })
})
