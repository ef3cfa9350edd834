// docs/runbooks: each is followed command by command, on machines that are directories, with the real agent.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { Checkout } from '../e2e/checkout.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { blocksIn, commandsOf, Machine, sectionsNotTyped } from './runbook-machine.ts'

const line = (n: number) =>
  `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', result: 'success' })}\n`
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join('')

const log = '/var/log/app/audit.log'
const sinkTo = (url: string) => ({
  collector: { type: 'http', url, retry: { initial: '50ms', max: '200ms' } },
})
/** In the order of their numbers: batches are under way beside each other. */
const users = (hook: HttpDestination) =>
  hook.events.map(({ actor }) => actor.id ?? '').toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `u_${from + index}`)

const otlpRecord = (user: string) => {
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const attributes = [attribute('audit.actor.id', user), attribute('audit.action', 'order.refund')]
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] })
}

/** A destination that takes all but one. */
function refuse(hook: HttpDestination, user: string): void {
  hook.inspect = (events) => {
    hook.answer = events.some(({ event }) => event.actor.id === user) ? 400 : 204
  }
}

/** Which events have had each position, at any destination. */
function positions(hook: HttpDestination): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { event } of hook.delivered) {
    const place = `${event.log.origin} ${event.log.seq}`
    found.set(place, (found.get(place) ?? new Set()).add(event.id))
  }
  return found
}

test('a journal moves to another host', { timeout: 300_000 }, async () => {
  const page = 'move-a-journal.md'
  using checkout = new Checkout()
  await using hook = await HttpDestination.open()
  const settings = { agent: { drain: '200ms' }, sinks: sinkTo(hook.url) }
  await using machine = new Machine(checkout, settings)

  machine.append(log, lines(1, 20))
  await machine.type('systemctl start affiant')
  await until('the first', () => hook.events.length === 20)
  // The destination is away: what comes now is committed, and moves.
  hook.answer = 503
  machine.append(log, lines(21, 50))
  await machine.committed(50)
  const onOld = commandsOf(page, 'On the old host')
  expect(onOld).toHaveLength(4)
  for (const command of onOld.slice(0, 3)) await machine.type(command)
  // `systemctl disable` is systemd's own.
  await machine.type(onOld[3]!.replace('\nsystemctl disable affiant', ''))
  expect(existsSync(machine.at('/var/lib/affiant'))).toBe(false)

  // The archive is brought over, and so are the logs, to the paths that they had: another inode, and more in it.
  hook.answer = 204
  machine.append(log, lines(51, 60))
  machine.replace(['/srv/transfer/affiant.tar.gz', log])
  machine.configure(settings)
  for (const command of commandsOf(page, 'On the new host')) await machine.type(command)
  await until('all of it', () => hook.events.length >= 60)
  await machine.settled()
  const [status, ...more] = commandsOf(page, 'Check')
  expect(more).toEqual([])
  const shown = await machine.type(status!)
  expect(shown).toMatch(/collector +http +ok/)
  expect(users(hook)).toEqual(numbered(1, 60))
  // Each once, the agent's own included, and each in a place of its own.
  expect([...hook.timesById.values()].filter((times) => times > 1)).toEqual([])
  expect([...positions(hook).values()].filter((ids) => ids.size > 1)).toEqual([])
  expect(new Set(hook.delivered.map(({ event }) => event.log.origin)).size).toBe(1)
  const started = hook.delivered.filter(({ event }) => event.action === 'affiant.agent.started').at(-1)
  expect(started?.event.metadata).toMatchObject({ journal: 'closed' })
})

test('a snapshot of a machine was restored', { timeout: 300_000 }, async () => {
  const page = 'restored-snapshot.md'
  using checkout = new Checkout()
  await using hook = await HttpDestination.open()
  await using machine = new Machine(checkout, {
    agent: { drain: '200ms' },
    sinks: sinkTo(hook.url),
  })
  machine.append(log, lines(1, 20))
  await machine.type('systemctl start affiant')
  await until('the first', () => hook.events.length === 20)
  hook.answer = 503
  machine.append(log, lines(21, 25))
  await machine.agent.postOtlp(otlpRecord('u_otlp'))
  await machine.committed(26)
  await machine.kill()
  await machine.type('cp -a /var /srv/backup/')

  // It goes on, and delivers all of that, and more.
  hook.answer = 204
  machine.append(log, lines(26, 30))
  await machine.type('systemctl start affiant')
  await until('what came later', () => hook.events.length === 31)
  await machine.kill()
  const before = hook.delivered.length
  const ids = new Map(hook.events.map(({ id, actor }) => [actor.id, id]))

  // Back in time: the log keeps its inode, as on a volume that goes back.
  const restore = `rm -rf /var/lib/affiant && cp -a /srv/backup/var/lib/affiant /var/lib/ && cat /srv/backup/var/log/app/audit.log > ${log}`
  await machine.type(restore)
  machine.append(log, lines(126, 130))

  // As it is, it does what the page says: positions that were used name other events.
  await machine.type('systemctl start affiant')
  await until('what is new', () => users(hook).includes('u_130'))
  await machine.settled()
  expect([...positions(hook).values()].some((named) => named.size > 1)).toBe(true)
  await machine.kill()
  hook.delivered.splice(before)

  // By the page.
  await machine.type(restore)
  machine.append(log, lines(126, 130))
  const steps = commandsOf(page, 'Steps')
  expect(steps).toHaveLength(5)
  await machine.type(steps[0]!)
  const said = await machine.type(steps[1]!)
  // A cursor is written at most once a second: it may be behind what was delivered before the kill.
  const settled = /^sink collector had not settled it from seq (\d+) on$/m.exec(said)?.[1]
  expect(Number(settled)).toBeLessThanOrEqual(21)
  const epoch = /\/epochs\/(\d+); its newest event is seq \d+$/m.exec(said)?.[1]
  expect(epoch).toBeDefined()
  await machine.type(steps[2]!)
  await machine.type(steps[3]!)
  const replay = steps[4]!.replace('--from 21', `--from ${settled}`)
  // Nobody has changed the copy yet.
  await expect(machine.type(replay)).rejects.toThrow(/exit code 1/)
  const there = `/var/lib/affiant/epochs/${epoch}`
  await machine.type(`sed -i 's#/var/lib/affiant#${there}#' /etc/affiant/restored.yaml`)
  await machine.type(replay)
  await machine.settled()
  const [status] = commandsOf(page, 'Check')
  expect(await machine.type(status!)).toMatch(/collector +http +ok/)

  const after = hook.delivered.slice(before).map(({ event }) => event)
  const actors = new Set(after.map(({ actor }) => actor.id))
  for (const actor of ['u_otlp', ...numbered(21, 25), ...numbered(126, 130)]) expect(actors).toContain(actor)
  // Nothing is read from its beginning.
  expect(actors.size).toBeLessThanOrEqual(1 + 1 + 25 - Number(settled) + 6)
  expect(after.map(({ action }) => action)).toContain('affiant.journal.epoch_began')
  for (const { id, actor } of after) if (ids.has(actor.id)) expect(id).toBe(ids.get(actor.id))
  expect([...positions(hook).values()].filter((named) => named.size > 1)).toEqual([])
})

test('what of an agent is backed up', { timeout: 300_000 }, async () => {
  const page = 'backup.md'
  using checkout = new Checkout()
  await using hook = await HttpDestination.open()
  refuse(hook, 'u_7')
  await using machine = new Machine(checkout, { sinks: sinkTo(hook.url) })
  machine.append(log, lines(1, 20))
  await machine.type('systemctl start affiant')
  await machine.settled()
  const [key, letters, events, ...more] = commandsOf(page, 'Steps')
  expect(more).toEqual([])
  await machine.type(key!)
  expect(machine.read('/srv/backup/hash.key')).toBe(machine.read('/var/lib/affiant/hash.key'))
  expect(await machine.type(letters!)).toMatch(/collector.*1/)
  expect(machine.read('/srv/backup/collector-dead-letters.ndjson')).toContain('"u_7"')
  await machine.type(events!)
  const exported = machine.read('/srv/backup/events.ndjson')
  for (const { line } of hook.delivered) expect(exported).toContain(line)
  expect(await machine.type('stat -c %a /srv/backup/*')).toBe('600\n600\n600\n')
  for (const command of commandsOf(page, 'Check')) expect(await machine.type(command)).not.toBe('')
  // Whatever holds events or keys is closed to others, dead letters and batches under way included; neither the lock nor what says which process runs holds any.
  expect(
    await machine.type('find /var/lib/affiant -mindepth 1 ! -name lock ! -name agent.json -perm /077'),
  ).toBe('')
})

test('which file system a data directory may be on', { timeout: 300_000 }, async () => {
  using checkout = new Checkout()
  await using hook = await HttpDestination.open()
  await using machine = new Machine(checkout, { sinks: sinkTo(hook.url) })
  await machine.type('systemctl start affiant')
  for (const command of commandsOf('file-systems.md', 'Check')) {
    expect(await machine.type(command)).toMatch(/^\w+ +\S*rw/)
  }
})

test("a person's data are to be erased", { timeout: 300_000 }, async () => {
  const page = 'erasure.md'
  using checkout = new Checkout()
  await using hook = await HttpDestination.open()
  refuse(hook, 'u_7')
  const settings = { sinks: sinkTo(hook.url) }
  await using machine = new Machine(checkout, settings)
  machine.append(log, lines(1, 20))
  await machine.type('systemctl start affiant')
  await machine.settled()
  const [find, purge, settled, restart, ...more] = commandsOf(page, 'Steps')
  expect(more).toEqual([])
  const [check] = commandsOf(page, 'Check')
  await expect(machine.type(check!)).rejects.toThrow(/exit code 1/)
  const seqs = [...(await machine.type(find!)).matchAll(/"seq":(\d+)/g)].map(([, seq]) => seq)
  expect(seqs).toEqual([seqs[0], seqs[0]])
  expect(purge).toContain('--from 8 --to 8')
  await machine.type(purge!.replace('--from 8 --to 8', `--from ${seqs[0]} --to ${seqs[0]}`))
  await machine.type(settled!)
  const [fragment] = blocksIn(page, 'Steps', 'yaml')
  machine.configure({ ...settings, ...parse(fragment!) })
  await machine.type(restart!)
  await machine.settled()
  await until('nothing is left', () =>
    machine.type(check!).then(
      () => true,
      () => false,
    ),
  )
})

test('a machine is taken away', { timeout: 300_000 }, async () => {
  const page = 'drain-a-node.md'
  using checkout = new Checkout()
  await using hook = await HttpDestination.open()
  await using machine = new Machine(checkout, { sinks: sinkTo(hook.url) })
  hook.answer = 503
  machine.append(log, lines(1, 20))
  await machine.type('systemctl start affiant')
  await machine.committed(20)
  const [drain, stop, letters, ...more] = commandsOf(page, 'Steps')
  expect(more).toEqual([])
  // While the destination is away it says so, and step 3 waits.
  expect(drain).toBe('affiant drain --timeout 5m')
  await expect(machine.type(drain!.replace('5m', '1s'))).rejects.toThrow(/exit code 1\n.*collector/s)
  hook.answer = 204
  machine.append(log, lines(21, 30))
  await machine.type(drain!)
  expect(users(hook)).toEqual(numbered(1, 30))
  await machine.type(stop!)
  expect(await machine.type(letters!)).toMatch(/no dead letters/i)
  const [files, ...others] = commandsOf(page, 'Check')[0]!.split('\n')
  const [, row] = (await machine.type(files!)).trim().split('\n')
  const size = readFileSync(machine.at(log)).length.toLocaleString('en-US')
  expect(row).toMatch(new RegExp(`audit\\.log +${size} +${size} +${size} +${size} +0 `))
  for (const command of others) await machine.type(command)
  const own = hook.delivered
    .map(({ event }) => event)
    .filter(({ action }) => action.startsWith('affiant.agent.'))
  expect(own.slice(-2)).toMatchObject([
    { action: 'affiant.agent.drained', metadata: { outcome: 'drained' } },
    { action: 'affiant.agent.stopped', metadata: { drained: true } },
  ])
})

test('no command of a runbook is left out', () => {
  const pages = readdirSync(join(import.meta.dirname, '../../docs/runbooks'))
  const known = readFileSync(import.meta.filename, 'utf8')
  expect(pages.filter((page) => !known.includes(`'${page}'`))).toEqual([])
  // Of pages whose test has run.
  expect(sectionsNotTyped()).toEqual([])
})
