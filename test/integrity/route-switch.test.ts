// Route bits mean nothing under another table: whatever waits when the routes change is committed with those of the new one.
import { expect, test } from 'vitest'
import { createRouteTable } from '../../src/agent/routes.ts'
import { RoutesInUse } from '../../src/agent/routes-in-use.ts'
import { StreamQueue } from '../../src/agent/stream-queue.ts'
import { redactConfig } from '../../src/attribution/redact/config.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, open, smallConfig, stream } from '../journal/journal-directory.ts'
import { eventsOf, lines, observed, stream as ofLines, spec } from '../normalise/normalising.ts'
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

test('what is normalised again becomes the same', () => {
  const redact = [{ path: 'actor.email', method: 'hash' }, { key: 'token' }] as const
  const normaliser = compileNormaliser(
    spec({ preset: 'json' }, { redact: redactConfig.parse(redact), raw: 'full' }),
  )
  const record = {
    id: 'r',
    user: 'u',
    email: 'a@b.example',
    event: 'x',
    more: { token: 'secret', list: [1, { a: 2 }] },
  }
  const text = `${JSON.stringify(record)}\n`.repeat(3)
  const again = () => eventsOf(lines(normaliser, text))
  expect(again()).toEqual(again())
  const records = [{ value: record, id: { uuid: '0b8f0e2c-6a52-4f43-9d4c-1df6a1f1d0aa' } }]
  const received = () => eventsOf(normaliser.records({ stream: ofLines, records, index: 0, observed }))
  expect(received()).toEqual(received())
  expect(JSON.stringify(received())).not.toContain('secret')
})
