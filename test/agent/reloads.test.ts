import { expect, test } from 'vitest'
import { type AgentConfig, wholeConfig } from '../../src/agent/config.ts'
import { ConfigInUse } from '../../src/agent/config-in-use.ts'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import type { Phase } from '../../src/agent/readiness.ts'
import { Reloads } from '../../src/agent/reloads.ts'
import { AffiantError } from '../../src/errors.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const agentConfig = await wholeConfig()

const configOf = (path: string) =>
  agentConfig.parse({
    agent: { id: 'a', data_dir: 'd' },
    receivers: { app: { type: 'file', include: ['*.log'] } },
    sinks: { out: { type: 'file', path } },
  })

const pathIn = ({ out }: AgentConfig['sinks']) => (out && 'path' in out ? String(out.path) : '')

/** Reloads of what `file` says, over a pipeline that notes what it became, and cannot become `impossible`. */
function setUp() {
  const became: unknown[] = []
  const recorded: OwnEventDraft[] = []
  const noted: string[] = []
  const metrics = createMetrics()
  const state = {
    file: 'one',
    phase: 'running' as Phase,
    impossible: ['broken'],
    read: 0,
    tryAgain: () => {},
  }
  const inUse = new ConfigInUse({ config: configOf('one'), hash: 'one' })
  const become = async ({ sinks }: Pick<AgentConfig, 'sinks'>) => {
    const path = pathIn(sinks)
    became.push(path)
    if (state.impossible.includes(path)) throw new AffiantError('address_in_use', 'somebody has it')
  }
  const reloads = new Reloads({
    inUse,
    phase: () => state.phase,
    read: async () => {
      state.read++
      const hash = state.file
      if (hash === 'gone') throw new AffiantError('config_unreadable', 'there is no such file')
      const common = { files: ['a.yaml'], written: {}, hash }
      if (hash !== 'invalid') return { ...common, config: configOf(hash), problems: [] }
      const position = { file: 'a.yaml', line: 3, column: 1 }
      const problem = { severity: 'error', position, path: ['sinks'], message: 'is wrong' } as const
      return { ...common, config: undefined, problems: [problem] }
    },
    tryOut: async (_from, { sinks }) => {
      if (pathIn(sinks) === 'untried') throw new AffiantError('config_unreadable', 'no certificate')
    },
    pipeline: { become, putBack: become },
    clock: {
      sleep: async () => {
        await new Promise<void>((resolve) => (state.tryAgain = resolve))
      },
    },
    ownLog: {
      write: async (draft) => {
        recorded.push(draft)
        return true
      },
    },
    recorded: async (hash) => {
      noted.push(hash)
    },
    log: silentLog,
    metrics,
  })
  return { state, reloads, inUse, became, recorded, noted, metrics }
}
const signal = { trigger: 'signal' } as const

test('what has changed is on record with both hashes, and noted for the next start', async () => {
  const { state, reloads, inUse, became, recorded, noted, metrics } = setUp()
  state.file = 'two'
  expect(await reloads.request(signal)).toMatchObject({ outcome: 'changed', from: 'one', to: 'two' })
  expect([inUse.hash, became]).toEqual(['two', ['two']])
  await reloads[Symbol.asyncDispose]()
  const metadata = { from_sha256: 'one', to_sha256: 'two', changed: ['sinks.out'], trigger: 'signal' }
  expect(recorded).toMatchObject([{ action: 'affiant.config.changed', metadata }])
  expect(noted).toEqual(['two'])
  expect((await metrics.configInfo.get()).values).toMatchObject([{ labels: { sha256: 'two' }, value: 1 }])
})

test('what says the same leaves no trace but a count', async () => {
  const { reloads, became, recorded } = setUp()
  expect(await reloads.request(signal)).toMatchObject({ outcome: 'unchanged' })
  expect([became, recorded]).toEqual([[], []])
})

test('what is not valid changes nothing, and is on record with its problems', async () => {
  const { state, reloads, inUse, became, recorded } = setUp()
  state.file = 'invalid'
  const report = await reloads.request(signal)
  expect(report).toMatchObject({ outcome: 'refused', code: 'config_invalid', from: 'one', to: 'invalid' })
  expect([inUse.hash, became]).toEqual(['one', []])
  const metadata = {
    config_sha256: 'one',
    refused_sha256: 'invalid',
    problems: ['a.yaml:3:1  sinks: is wrong'],
  }
  expect(recorded).toMatchObject([{ action: 'affiant.config.refused', metadata }])
})

test('a file that cannot be read changes nothing, and has no hash', async () => {
  const { state, reloads, recorded } = setUp()
  state.file = 'gone'
  expect(await reloads.request(signal)).toMatchObject({ code: 'config_unreadable', to: null })
  expect(recorded[0]?.metadata).not.toHaveProperty('refused_sha256')
})

test('what cannot start is put back', async () => {
  const { state, reloads, inUse, became } = setUp()
  state.file = 'broken'
  expect(await reloads.request(signal)).toMatchObject({ outcome: 'refused', code: 'address_in_use' })
  expect([inUse.hash, became, reloads.fault]).toEqual(['one', ['broken', 'one'], null])
})

test('what cannot be put back either is said until a configuration runs as a whole', async () => {
  const { state, reloads, became } = setUp()
  state.file = 'broken'
  state.impossible.push('one')
  await reloads.request(signal)
  expect(reloads.fault).toContain('somebody has it')
  state.file = 'one'
  state.impossible = []
  // The same as before, and not all of it runs.
  expect(await reloads.request(signal)).toMatchObject({ outcome: 'changed' })
  expect([became, reloads.fault]).toEqual([['broken', 'one', 'one'], null])
})

test('what could not be put back is tried again by itself', async () => {
  const { state, reloads, became } = setUp()
  state.file = 'broken'
  state.impossible.push('one')
  await reloads.request(signal)
  const again = async () => {
    const { length } = became
    state.tryAgain()
    await expect.poll(() => became.length).toBe(length + 1)
  }
  await again()
  expect(reloads.fault).toContain('somebody has it')
  state.impossible = []
  await again()
  await expect.poll(() => reloads.fault).toBe(null)
  expect(became).toEqual(['broken', 'one', 'one', 'one'])
})

test('what does not stand a try beside what runs touches nothing', async () => {
  const { state, reloads, became } = setUp()
  state.file = 'untried'
  expect(await reloads.request(signal)).toMatchObject({ outcome: 'refused', code: 'config_unreadable' })
  expect(became).toEqual([])
})

test('who asks while it is under way shares one more reload behind it', async () => {
  const { state, reloads, became } = setUp()
  state.file = 'two'
  const first = reloads.request(signal)
  state.file = 'three'
  const reports = await Promise.all([first, reloads.request(signal), reloads.request(signal)])
  expect(reports.map(({ to }) => to)).toEqual(['two', 'three', 'three'])
  expect([became, state.read]).toEqual([['two', 'three'], 2])
})

test('while the agent drains nothing is read', async () => {
  const { state, reloads } = setUp()
  state.phase = 'draining'
  expect(await reloads.request(signal)).toMatchObject({ outcome: 'refused', code: 'agent_not_running' })
  expect(state.read).toBe(0)
})
