// Logs of pods that come and go, rotated as kubelet does, with kill -9 and an API server that is away in between: each
// record exactly once, with the pod that wrote it.
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'
import { Node } from '../receivers/kubernetes/node.ts'

test('kill -9 among pods that come and go', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  await using node = await Node.create()
  const config = configure(directory, {
    receivers: {
      pods: {
        type: 'kubernetes',
        directory: `${node.directory}/pods`,
        node: 'node-1',
        api: { url: node.api.url },
        attribution: { wait: '2s' },
        pods: { labels: 'audit=yes' },
        preset: 'plain',
      },
    },
  })
  const delivered = () => eventsIn(directory.at('out.ndjson'))
  const expected = new Map<string, string>()
  const make = (name: string, audit = 'yes') =>
    node.container({ pod: name, uid: node.api.put({ name, labels: { audit, name } }) })
  const write = (log: ReturnType<typeof make>, pod: string, count: number) => {
    const texts = Array.from({ length: count }, (_, i) => `${pod} ${expected.size + i}`)
    for (const text of texts) expected.set(text, pod)
    log.write(...texts)
  }
  const stays = make('stays')
  const ends = make('ends')
  const left = make('left', 'no')
  left.write('never read')
  {
    await using agent = startAgent(config)
    write(stays, 'stays', 2_000)
    write(ends, 'ends', 2_000)
    await until('some', () => delivered().length > 100)
    agent.signal('SIGKILL')
    await agent.ended
  }
  // While nobody looks: rotated twice, a pod gone, and the API server too.
  const rotated = node.rotate(stays, 1)
  write(stays, 'stays', 500)
  node.rotate(stays, 2, rotated)
  write(stays, 'stays', 500)
  write(ends, 'ends', 500)
  node.api.remove('ends')
  await node.api.away()
  {
    await using agent = startAgent(config)
    await agent.ready()
    await until('some more', () => delivered().length > 4_100)
    agent.signal('SIGKILL')
    await agent.ended
  }
  write(stays, 'stays', 500)
  await node.api.listen()
  await using agent = startAgent(config)
  await agent.ready()
  const late = make('late')
  write(late, 'late', 10)
  const bySeq = () => new Map(delivered().map((event) => [event.log.seq, event]))
  await until(
    'all',
    () => bySeq().size >= expected.size,
    () => [bySeq().size, expected.size],
  )
  const events = [...bySeq().values()]
  expect(events.map(({ message }) => message ?? '').toSorted()).toEqual([...expected.keys()].toSorted())
  for (const { message, metadata, quality } of events) {
    const name = expected.get(message ?? '')
    expect(metadata?.kubernetes).toMatchObject({ pod: name, labels: { audit: 'yes', name } })
    expect(quality.warnings).toBeUndefined()
  }
})
