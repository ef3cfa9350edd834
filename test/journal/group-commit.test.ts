import { describe, expect, test } from 'vitest'
import { GroupCommit } from '../../src/journal/group-commit.ts'

/** A clock that moves when a commit or a wait takes time. */
function timeline(syncTakes: number) {
  let now = 0
  const groups: { readonly at: number; readonly entries: number[] }[] = []
  const waits: number[] = []
  let whileCommitting = () => {}
  const group = new GroupCommit<number>({
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms, signal) => {
        waits.push(ms)
        await Promise.resolve()
        if (signal?.aborted) throw signal.reason
        now += ms
      },
    },
    limits: () => ({ max_delay: 5, max_bytes: 100 }),
    commit: async (entries) => {
      groups.push({ at: now, entries })
      now += syncTakes
      whileCommitting()
    },
    broken: () => {},
  })
  return { group, groups, waits, during: (run: () => void) => (whileCommitting = run) }
}

describe('group commit', () => {
  test('an idle journal commits at once, what came in the same turn together', async () => {
    const { group, groups, waits } = timeline(3)
    group.add(1, 10)
    group.add(2, 10)
    await group.drained()
    expect(groups).toEqual([{ at: 0, entries: [1, 2] }])
    expect(waits).toEqual([])
    expect(group.pendingBytes).toBe(0)
  })

  test.each([
    [3, [3]],
    [20, [5]],
    [0.5, []],
  ])('after a sync of %d ms the next group waits as long, 5 ms at most', async (takes, expected) => {
    const { group, groups, waits, during } = timeline(takes)
    during(() => {
      during(() => {})
      group.add(2, 10)
    })
    group.add(1, 10)
    await group.drained()
    expect(groups.map(({ entries }) => entries)).toEqual([[1], [2]])
    expect(waits).toEqual(expected)
  })

  test('a full group does not wait, and takes no more than its limit', async () => {
    const { group, groups, waits, during } = timeline(3)
    during(() => {
      during(() => {})
      for (let entry = 2; entry <= 5; entry++) group.add(entry, 60)
    })
    group.add(1, 10)
    await group.drained()
    expect(groups.map(({ entries }) => entries)).toEqual([[1], [2], [3], [4], [5]])
    expect(waits.length).toBeLessThanOrEqual(1)
  })
})
