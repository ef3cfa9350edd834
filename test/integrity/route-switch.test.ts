// Route bits mean nothing under another table: whatever waits when the routes change is committed with those of the new one.
import { expect, test } from 'vitest'
import { createRouteTable } from '../../src/agent/routes.ts'
import { RoutesInUse } from '../../src/agent/routes-in-use.ts'
import { StreamQueue } from '../../src/agent/stream-queue.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, open, smallConfig, stream } from '../journal/journal-directory.ts'
import { randomFrom, seed } from '../seed.ts'

const tables = Array.from({ length: 6 }, (_, at) =>
  createRouteTable([{ name: `route ${at}`, to: ['out'], continue: false }], ['out'], 'nowhere'),
)
/** What an event's bits are under a table: nothing that another one would have. */
const bitsOf = (hash: string) => 1 << tables.findIndex((table) => table.hash === hash)

const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 2), signal) }

test('while routes change again and again, under a disk that fails, each block has the bits of the table that it names', async () => {
  const random = randomFrom(seed)
  const fs = new CrashFileSystem()
  const routes = new RoutesInUse(tables[0]!)
  await using journal = await open('/data', {
    fs,
    lock: async () => ({ release: () => {} }),
    clock: hurried,
    config: smallConfig({ commit: { max_bytes: '4KiB' } }),
    routes: tables[0]!.rendered,
  })
  let operations = 0
  let refused = 0
  fs.fails = (operation, path) => {
    if (operation !== 'sync' || !path.includes('/journal/') || operations++ % 3 === 2 || operations > 200)
      return null
    refused++
    return Object.assign(new Error('EIO: simulated'), { code: 'EIO' })
  }
  const signal = AbortSignal.timeout(20_000)
  const switches: Promise<void>[] = []
  let committed = 0
  const count = () => {
    if (++committed % 15 !== 0) return
    const table = tables[(committed / 15) % tables.length]!
    const appended = () => routes.use(table)
    switches.push(journal.useRoutes(table.rendered, { appended, committed: () => {} }))
  }
  const commits = [1, 2, 3].flatMap((each) => {
    const queue = new StreamQueue(journal, () => {})
    return Array.from({ length: 80 }, (_, n) => {
      const slow = Math.floor(random() * 6)
      const batch = routes.batch(async ({ hash }) => {
        await systemClock.sleep(slow)
        return { ...batchOf([`${each}:${n}`]), routes: Uint32Array.of(bitsOf(hash)) }
      })
      return queue.add({ batch, update: { stream: stream(each) }, signal, reserve: false }).then(count)
    })
  })
  await Promise.all(commits)
  await Promise.all(switches)

  await using reader = journal.read(0)
  const found: string[] = []
  const used = new Set<string>()
  for (let block = await reader.next(); block !== null; block = await reader.next()) {
    expect(block.routes.every((bits) => bits === bitsOf(block.routeTable))).toBe(true)
    used.add(block.routeTable)
    found.push(block.payload.toString())
  }
  expect(refused).toBeGreaterThan(10)
  expect(found).toHaveLength(240)
  expect(used.size).toBeGreaterThan(3)
})
