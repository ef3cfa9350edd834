import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { StreamClaims } from '../../../src/receivers/file/identity/claims.ts'
import { Selections } from '../../../src/receivers/kubernetes/selections.ts'
import { receiverContract } from '../contract.ts'
import { MemoryIntake } from '../memory-intake.ts'
import { throughout, until } from '../until.ts'
import { Node } from './node.ts'

const nodes: Node[] = []
afterEach(async () => {
  for (const node of nodes.splice(0)) await node[Symbol.asyncDispose]()
})

async function node(): Promise<Node> {
  const made = await Node.create()
  nodes.push(made)
  return made
}

/** The streams' contexts, by the text of each record. */
function whose(intake: MemoryIntake) {
  return intake.lineChunks.flatMap(({ stream, bytes, frames }) =>
    (frames?.starts ?? []).map((start, i) => ({
      text: Buffer.from(bytes.subarray(start, frames!.ends[i])).toString(),
      ...(stream.pod && { pod: stream.pod }),
      ...(stream.preset !== undefined && { preset: stream.preset }),
      ...(stream.warnings && { warned: true }),
    })),
  )
}

/** What this process has open. */
const open = () =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })

receiverContract('kubernetes', async (intake) => {
  const one = await Node.create()
  const uid = one.api.put({ name: 'web', containers: ['app'] })
  const log = one.container({ pod: 'web', uid })
  const { receiver } = one.create({}, { intake })
  return {
    receiver,
    acknowledges: false,
    send: async (markers) => {
      log.write(...markers.map((marker) => `{"marker":"${marker}"}`))
      return 'taken'
    },
    [Symbol.asyncDispose]: () => one[Symbol.asyncDispose](),
  }
})

test('each record comes with its pod, container, workload and node', async () => {
  const on = await node()
  const uid = on.api.put({
    name: 'web-6b7c-x2x',
    namespace: 'shop',
    labels: { app: 'web', 'pod-template-hash': '6b7c' },
    annotations: { note: 'n', other: 'o' },
    owner: { kind: 'ReplicaSet', name: 'web-6b7c' },
    containers: ['app', 'proxy'],
    initContainers: ['migrate'],
  })
  for (const container of ['app', 'proxy', 'migrate'])
    on.container({ namespace: 'shop', pod: 'web-6b7c-x2x', uid, container }).write(`from ${container}`)
  const { intake } = await on.start({ attribution: { annotations: ['no*'] } })
  await until('all', () => whose(intake).length === 3)
  const facts = {
    namespace: 'shop',
    pod: 'web-6b7c-x2x',
    pod_uid: uid,
    node: 'node-1',
    host: 'web-6b7c-x2x',
    workload: { kind: 'Deployment', name: 'web' },
    service_account: 'default',
    labels: { app: 'web', 'pod-template-hash': '6b7c' },
    annotations: { note: 'n' },
  }
  for (const container of ['app', 'proxy', 'migrate']) {
    expect(whose(intake).find(({ text }) => text === `from ${container}`)).toEqual({
      text: `from ${container}`,
      pod: { ...facts, container, image: `registry.example/${container}:1.2.3` },
    })
  }
})

test.each([
  ['namespaces', { namespaces: ['sh*'], exclude_namespaces: ['shadow'] }],
  ['labels', { labels: 'app in (web, api), !test' }],
  ['annotations', { annotations: 'affiant.dev/collect=true' }],
  ['containers', { containers: ['a*'], exclude_containers: ['admin'] }],
])('what is not selected by %s is never opened, nor is its own', async (_by, pods) => {
  const on = await node()
  const chosen = { labels: { app: 'web' }, annotations: { 'affiant.dev/collect': 'true' } }
  const others = { labels: { app: 'web', test: '' }, annotations: { 'affiant.dev/collect': 'false' } }
  const taken = on.container({
    namespace: 'shop',
    pod: 'web',
    uid: on.api.put({ name: 'web', namespace: 'shop', ...chosen }),
  })
  const [namespace, container] = ['shadow', 'admin']
  const left = [
    on.container({ namespace, pod: 'db', uid: on.api.put({ name: 'db', namespace, ...others }), container }),
    on.container({
      namespace: 'audit',
      pod: 'affiant-x',
      uid: on.api.put({ name: 'affiant-x', namespace: 'audit', ...chosen }),
    }),
    on.container({
      namespace: 'shop',
      pod: 'affiant-y',
      uid: on.api.put({ name: 'affiant-y', namespace: 'shop', uid: 'own-uid', ...chosen }),
    }),
  ]
  for (const log of [taken, ...left]) log.write('before')
  const { intake, receiver } = await on.start({ pods })
  await receiver.caughtUp
  const seen = new Set<string>()
  await throughout('only what is selected', 300, () => {
    for (const log of [taken, ...left]) log.write('later')
    for (const path of open()) seen.add(path)
    return true
  })
  await until('read', () => whose(intake).length > 10)
  expect(new Set(whose(intake).map(({ pod }) => pod?.pod))).toEqual(new Set(['web']))
  expect(left.filter(({ path }) => seen.has(path))).toEqual([])
  expect(seen).toContain(taken.path)
})

test('a log that comes before anybody knows its pod waits for that', async () => {
  const on = await node()
  const { intake } = await on.start({ attribution: { wait: '1m' } })
  const log = on.container({ pod: 'late', uid: 'late-uid' })
  log.write('early')
  await throughout('nothing is read', 150, () => intake.lineChunks.length === 0)
  on.api.put({ name: 'late', uid: 'late-uid', labels: { a: 'b' } })
  await until('read', () => whose(intake).length === 1)
  expect(whose(intake)[0]).toMatchObject({ text: 'early', pod: { pod_uid: 'late-uid', labels: { a: 'b' } } })
  expect(whose(intake)[0]).not.toHaveProperty('warned')
})

test('what nobody tells of goes out after the wait, with what the path says and a warning; then with all that is known', async () => {
  const on = await node()
  const { intake, metrics, logs } = await on.start()
  const log = on.container({ namespace: 'shop', pod: 'ghost', uid: 'ghost-uid' })
  log.write('first')
  await until('read', () => whose(intake).length === 1)
  expect(whose(intake)[0]).toEqual({
    text: 'first',
    warned: true,
    pod: { namespace: 'shop', pod: 'ghost', pod_uid: 'ghost-uid', container: 'app', node: 'node-1' },
  })
  expect(await metrics.registry.metrics()).toContain(
    'affiant_receiver_unattributed_pods_total{receiver="pods"} 1',
  )
  expect(logs.filter(({ msg }) => msg.includes('nobody has told of this pod'))).toHaveLength(1)
  on.api.put({ name: 'ghost', namespace: 'shop', uid: 'ghost-uid', labels: { a: 'b' } })
  await until('known', async () => (await metrics.registry.metrics()).includes('state="present"} 1'))
  log.write('second')
  await until('read', () => whose(intake).length === 2)
  expect(whose(intake)[1]).toMatchObject({ text: 'second', pod: { labels: { a: 'b' } } })
  expect(whose(intake)[1]).not.toHaveProperty('warned')
})

test('an API server that is away at the start: records wait, and then flow; with it, they are attributed', async () => {
  const on = await node()
  const uid = on.api.put({ name: 'web', labels: { a: 'b' } })
  const log = on.container({ pod: 'web', uid })
  log.write('first')
  await on.api.away()
  const { intake, receiver, logs } = on.create()
  const started = receiver.start()
  await throughout('nothing is read', 150, () => intake.lineChunks.length === 0)
  await started
  await until('read', () => whose(intake).length === 1)
  expect(whose(intake)[0]).toMatchObject({ warned: true, pod: { pod: 'web', pod_uid: uid } })
  await on.api.listen()
  await until('answered', () => on.api.watches === 1)
  log.write('second')
  await until('read', () => whose(intake).length === 2)
  expect(whose(intake)[1]).toMatchObject({ pod: { labels: { a: 'b' } } })
  const said = logs.map(({ msg }) => msg)
  expect(said.filter((msg) => msg.includes('ECONNREFUSED'))).toHaveLength(1)
  expect(said).toContain("the API server tells of this node's pods again")
})

test('where only labels select, nothing of an unknown pod is opened, however long nobody tells of it', async () => {
  const on = await node()
  const { intake, logs } = await on.start({ pods: { labels: 'app=web' }, attribution: { wait: '50ms' } })
  const log = on.container({ pod: 'web', uid: 'u1' })
  log.write('first')
  await until('told', () =>
    logs.some(({ msg }) => msg.includes('its logs are not opened until somebody does')),
  )
  expect(open()).not.toContain(log.path)
  expect(intake.lineChunks).toEqual([])
  on.api.put({ name: 'web', uid: 'u1', labels: { app: 'web' } })
  await until('read', () => whose(intake).length === 1)
})

test('a pod that is labelled later is followed from then on, and to its end whatever becomes of the label', async () => {
  const on = await node()
  const uid = on.api.put({ name: 'web' })
  const log = on.container({ pod: 'web', uid })
  log.write('first')
  const { intake } = await on.start({ pods: { labels: 'app=web' } })
  await throughout('nothing is read', 100, () => intake.lineChunks.length === 0)
  on.api.put({ name: 'web', labels: { app: 'web' } })
  await until('read', () => whose(intake).length === 1)
  on.api.put({ name: 'web', labels: { app: 'hidden' } })
  const rotated = on.rotate(log, 1)
  log.write('second')
  await until('read', () => whose(intake).length === 2)
  log.write('third')
  await until('read', () => whose(intake).length === 3)
  expect(whose(intake).at(-1)!.pod!.labels).toEqual({ app: 'hidden' })
  expect(rotated).toMatch(/0\.log\.20261130/)
})

test('a pod that lives for a moment: its last lines are read after it is gone', async () => {
  const on = await node()
  const { intake } = await on.start()
  const uid = on.api.put({ name: 'job-1', namespace: 'batch', owner: { kind: 'Job', name: 'job' } })
  const log = on.container({ namespace: 'batch', pod: 'job-1', uid })
  log.write('one', 'two')
  on.api.remove('job-1', 'batch')
  log.write('last')
  await until('read', () => whose(intake).length === 3)
  expect(whose(intake).at(-1)).toMatchObject({
    text: 'last',
    pod: { workload: { kind: 'Job', name: 'job' } },
  })
  expect(whose(intake).some(({ warned }) => warned)).toBe(false)
  on.removeLogs(log)
  await until('closed', () => intake.notes.length === 1)
  expect(intake.notes[0]!.action).toBe('affiant.stream.closed')
})

test('rotated as kubelet does, restarted, renamed: each line once, in order, with the same pod', async () => {
  const on = await node()
  const uid = on.api.put({ name: 'web', containers: ['app', 'side'] })
  const app = on.container({ pod: 'web', uid })
  const { intake } = await on.start()
  const texts: string[] = []
  const write = (log: typeof app, count: number) => {
    for (let i = 0; i < count; i++) {
      texts.push(`line ${texts.length}`)
      log.write(texts.at(-1)!)
    }
  }
  write(app, 20)
  await until('met', () => whose(intake).length > 0)
  let before: string | undefined
  for (let second = 1; second < 5; second++) {
    before = on.rotate(app, second, before)
    write(app, 20)
    await until(
      'read',
      () => whose(intake).length === texts.length,
      () => whose(intake).length,
    )
  }
  const restarted = on.container({ pod: 'web', uid }, { restart: 1 })
  write(restarted, 20)
  await until('read', () => whose(intake).length === texts.length)
  expect(whose(intake).map(({ text }) => text)).toEqual(texts)
  expect(new Set(whose(intake).map(({ pod }) => pod?.container))).toEqual(new Set(['app']))
  const side = on.container({ pod: 'web', uid, container: 'side' })
  write(side, 1)
  await until('read', () => whose(intake).length === texts.length)
  expect(whose(intake).at(-1)!.pod).toMatchObject({ container: 'side', image: 'registry.example/side:1.2.3' })
})

test('a pod of the same name as one before is another one, and a static pod is known by its hash', async () => {
  const on = await node()
  const { intake } = await on.start()
  const old = on.api.put({ name: 'db-0', uid: 'old', containers: ['db'], labels: { v: '1' } })
  on.container({ pod: 'db-0', uid: old, container: 'db' }).write('old')
  await until('read', () => whose(intake).length === 1)
  on.api.remove('db-0')
  const now = on.api.put({ name: 'db-0', uid: 'new', containers: ['database'], labels: { v: '2' } })
  on.container({ pod: 'db-0', uid: now, container: 'database' }).write('new')
  await until('read', () => whose(intake).length === 2)
  expect(whose(intake)[1]!.pod).toMatchObject({ pod_uid: 'new', container: 'database', labels: { v: '2' } })
  const annotations = { 'kubernetes.io/config.hash': 'fa1e', 'kubernetes.io/config.mirror': 'fa1e' }
  on.api.put({
    name: 'etcd-node-1',
    namespace: 'kube-system',
    uid: 'mirror',
    annotations,
    owner: { kind: 'Node', name: 'node-1' },
  })
  on.container({ namespace: 'kube-system', pod: 'etcd-node-1', uid: 'fa1e' }).write('static')
  await until('read', () => whose(intake).length === 3)
  expect(whose(intake)[2]).toMatchObject({ text: 'static', pod: { pod_uid: 'mirror' } })
  expect(whose(intake)[2]!.pod).not.toHaveProperty('workload')
})

test('by the links of /var/log/containers, whose container tells which of two pods of a name it is', async () => {
  const on = await node()
  const ids = ['a', 'b'].map((digit) => digit.repeat(64))
  on.api.put({ name: 'db-0', uid: 'old', containerIds: [ids[0]!] })
  on.api.put({ name: 'db-0', uid: 'new', containerIds: [ids[1]!] })
  const { intake } = await on.start({ directory: `${on.directory}/containers` })
  // The one that had the name before is gone from the list, and known to nobody.
  const log = on.container({ pod: 'db-0', uid: 'new' }, { id: ids[1]! })
  log.write('first')
  await until('read', () => whose(intake).length === 1)
  expect(whose(intake)[0]!.pod!.pod_uid).toBe('new')
  on.rotate(log, 1)
  log.write('second')
  await until('read', () => whose(intake).length === 2)
  expect(whose(intake).map(({ text }) => text)).toEqual(['first', 'second'])
})

test('by links, a pod that is not selected is not opened for having the name of one that was', async () => {
  const on = await node()
  const [old, now] = ['a', 'b'].map((digit) => digit.repeat(64))
  on.api.put({ name: 'db-0', uid: 'old', labels: { audit: 'yes' }, containerIds: [old!] })
  const pods = { labels: 'audit=yes' }
  const { intake } = await on.start({ directory: `${on.directory}/containers`, pods })
  on.container({ pod: 'db-0', uid: 'old' }, { id: old! }).write('first')
  await until('read', () => whose(intake).length === 1)
  on.api.remove('db-0')
  // Its log is there before anybody tells of it.
  const log = on.container({ pod: 'db-0', uid: 'new' }, { id: now! })
  log.write('none of yours')
  await throughout('waits', 600, () => whose(intake).length === 1)
  on.api.put({ name: 'db-0', uid: 'new', containerIds: [now!] })
  await throughout('stays closed', 600, () => !open().includes(log.path))
  expect(whose(intake)).toHaveLength(1)
})

test('by links, a pod that is not selected any more is followed to its end, into its next containers', async () => {
  const on = await node()
  const [first, second] = ['a', 'b'].map((digit) => digit.repeat(64))
  on.api.put({ name: 'web', uid: 'u', labels: { audit: 'yes' }, containerIds: [first!] })
  const pods = { labels: 'audit=yes' }
  const { intake } = await on.start({ directory: `${on.directory}/containers`, pods })
  on.container({ pod: 'web', uid: 'u' }, { id: first! }).write('one')
  await until('read', () => whose(intake).length === 1)
  on.api.put({ name: 'web', uid: 'u', containerIds: [second!] })
  on.container({ pod: 'web', uid: 'u' }, { id: second!, restart: 1 }).write('two')
  await until('read', () => whose(intake).length === 2)
})

test('by links whose names were too long: the id is cut, and tells all the same', async () => {
  const on = await node()
  const pod = `${'p'.repeat(62)}0`
  const [namespace, container] = ['n'.repeat(63), 'c'.repeat(63)]
  const id = '0a'.repeat(32)
  on.api.put({ name: pod, namespace, uid: 'u', containers: [container], containerIds: [id] })
  const { intake } = await on.start({ directory: `${on.directory}/containers` })
  const cut = id.slice(0, 255 - `${pod}_${namespace}_${container}-.log`.length)
  expect(cut.length).toBeLessThan(64)
  on.container({ pod, namespace, uid: 'u', container }, { id: cut }).write('one')
  await until('read', () => whose(intake).length === 1)
  expect(whose(intake)[0]).toMatchObject({ pod: { pod_uid: 'u', container } })
})

test('an annotation names the preset, for all containers or one, or a mapping of the configuration', async () => {
  const on = await node()
  const { intake, notices, logs } = await on.start({
    mappings: { shop: { extends: 'json', action: 'what' } },
  })
  const annotations = {
    'affiant.dev/preset': 'plain',
    'affiant.dev/mapping.app': 'shop',
    'affiant.dev/preset.odd': 'nowhere',
  }
  const uid = on.api.put({ name: 'web', containers: ['app', 'proxy', 'odd'], annotations })
  for (const container of ['app', 'proxy', 'odd']) {
    on.container({ pod: 'web', uid, container }).write(`{"user":"u","event":"e","from":"${container}"}`)
  }
  await until('read', () => whose(intake).length === 3)
  const presets = whose(intake).map(({ pod, preset }) => [pod!.container, preset])
  expect(Object.fromEntries(presets)).toEqual({ app: 'shop', proxy: 'plain', odd: expect.any(String) })
  expect(notices).toEqual([
    {
      kind: 'reading_unknown',
      receiver: 'pods',
      namespace: 'default',
      pod: 'web',
      container: 'odd',
      annotation: 'affiant.dev/preset.odd',
      value: 'nowhere',
      preset: Object.fromEntries(presets).odd,
    },
  ])
  expect(logs.filter(({ msg }) => msg.includes('names a preset that there is not'))).toHaveLength(1)
  expect(intake.opened.find(({ stream }) => stream.preset === 'shop')?.metadata).toMatchObject({
    preset: 'shop',
  })
})

test('a restart goes on where it was, with what was known of pods that are gone since', async () => {
  const on = await node()
  const annotations = { 'affiant.dev/preset': 'plain' }
  const uid = on.api.put({ name: 'web', labels: { app: 'web' }, annotations })
  const log = on.container({ pod: 'web', uid })
  const other = on.container({ pod: 'other', uid: on.api.put({ name: 'other', labels: { app: 'web' } }) })
  const first = await on.start({ pods: { labels: 'app=web' } })
  log.write('one')
  other.write('o1')
  await until('read', () => whose(first.intake).length === 2)
  await first.receiver.stop()
  log.write('two')
  on.rotate(log, 1)
  log.write('three')
  other.write('o2')
  on.api.remove('web')
  on.api.put({ name: 'other', labels: { app: 'none' } })
  const { intake } = first
  const again = await on.start({ pods: { labels: 'app=web' } }, { intake })
  await again.receiver.caughtUp
  await until('read', () => whose(intake).length >= 4)
  await throughout('no more', 100, () => whose(intake).length === 4)
  const records = whose(intake).filter(({ pod }) => pod?.pod === 'web')
  expect(records.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  // The last one is in a file that nobody had met.
  for (const record of records)
    expect(record).toMatchObject({ preset: 'plain', pod: { labels: { app: 'web' } } })
  expect(records.some(({ warned }) => warned)).toBe(false)
  expect(whose(intake).filter(({ text }) => text === 'o2')).toEqual([])
})

test('what is no log of a container by its name is not opened, and one of them is named', async () => {
  const on = await node()
  for (const pod of ['byhand', 'too_many_parts_here']) {
    mkdirSync(`${on.directory}/pods/${pod}/app`, { recursive: true })
    writeFileSync(`${on.directory}/pods/${pod}/app/0.log`, 'x\n')
  }
  on.container({ pod: 'web', uid: on.api.put({ name: 'web' }) }).write('one')
  const { intake, logs } = await on.start()
  await until('read', () => whose(intake).length === 1)
  expect(logs.filter(({ msg }) => msg.includes('no log of a container'))).toHaveLength(1)
})

test('`run --once` is done when all that is there is read, known or not', async () => {
  const on = await node()
  on.container({ pod: 'web', uid: on.api.put({ name: 'web' }) }).write('known')
  on.container({ pod: 'ghost', uid: 'g' }).write('unknown')
  const { intake, receiver } = await on.start({ attribution: { wait: '100ms' } })
  await receiver.caughtUp
  expect(
    whose(intake)
      .map(({ text }) => text)
      .toSorted(),
  ).toEqual(['known', 'unknown'])
})

test('two receivers of one directory: each has its pods, and one that moves between them is gone on with', async () => {
  const on = await node()
  const intake = new MemoryIntake()
  const [a, b] = ['a', 'b'].map((team) => {
    const uid = on.api.put({ name: team, labels: { team } })
    return on.container({ pod: team, uid })
  })
  const both = async (teamOf: (receiver: string) => string) => {
    const shared = { claims: new StreamClaims(), selections: new Selections() }
    const made = ['first', 'second'].map((name) =>
      on.create({ pods: { labels: `team in (${teamOf(name)})` } }, { intake, name, shared }),
    )
    for (const { receiver } of made) await receiver.start()
    return made.map(({ receiver }) => receiver)
  }
  a!.write('a1')
  b!.write('b1')
  const before = await both((name) => (name === 'first' ? 'a' : 'b'))
  await until('read', () => whose(intake).length === 2)
  for (const receiver of before) await receiver.stop()
  a!.write('a2')
  b!.write('b2')
  // The one that comes first has nothing any more, and the second everything.
  await both((name) => (name === 'first' ? 'none' : 'a, b'))
  await until('read', () => whose(intake).length === 4)
  await throughout('no more', 100, () => whose(intake).length === 4)
  const read = intake.lineChunks.map(({ stream }) => `${stream.receiver} ${stream.pod!.pod}`)
  expect(read.slice(0, 2).toSorted()).toEqual(['first a', 'second b'])
  expect(read.slice(2).toSorted()).toEqual(['second a', 'second b'])
})

test('on a node with Docker, whose logs are links to where it keeps them', async () => {
  const on = await node()
  const { intake } = await on.start()
  const log = on.docker({ pod: 'web', uid: on.api.put({ name: 'web', labels: { a: 'b' } }) })
  log.write('one', 'two')
  await until('read', () => whose(intake).length === 2)
  expect(whose(intake).map(({ text, pod }) => [text, pod?.labels])).toEqual([
    ['one', { a: 'b' }],
    ['two', { a: 'b' }],
  ])
})

test('what has changed of a pod while nobody looked is kept for the next restart', async () => {
  const on = await node()
  const log = on.container({ pod: 'web', uid: on.api.put({ name: 'web', labels: { v: '1' } }) })
  const first = await on.start()
  const { intake } = first
  log.write('one')
  await until('read', () => whose(intake).length === 1)
  await first.receiver.stop()
  on.api.put({ name: 'web', labels: { v: '2' } })
  const second = await on.start({}, { intake })
  await second.receiver.caughtUp
  await until('described', () => intake.updates.length > 0)
  await second.receiver.stop()
  on.api.remove('web')
  log.write('two')
  await on.start({}, { intake })
  await until('read', () => whose(intake).length === 2)
  expect(whose(intake).map(({ pod }) => pod!.labels)).toEqual([{ v: '1' }, { v: '2' }])
})

test('an API server that refuses: the log says what it needs, once, and metrics that no watch stands', async () => {
  const on = await node()
  on.api.refuse = { code: 403, reason: 'Forbidden' }
  const { receiver, logs, metrics } = await on.start({ attribution: { wait: '50ms' } })
  const metric = async (line: string) => (await metrics.registry.metrics()).includes(line)
  await until('asked', () =>
    metric('affiant_receiver_watch_failures_total{receiver="pods",reason="refused"} 2'),
  )
  expect(await metric('affiant_receiver_watch_up{receiver="pods"} 0')).toBe(true)
  expect(logs.filter(({ level }) => level === 50)).toMatchObject([
    {
      msg: expect.stringContaining('the API server answered 403: Forbidden'),
      hint: expect.stringContaining('`list` and `watch` pods'),
    },
  ])
  expect(receiver.trouble?.()).toContain('the API server answered 403: Forbidden')
  on.api.refuse = undefined
  await until('a watch', () => metric('affiant_receiver_watch_up{receiver="pods"} 1'))
  expect(receiver.trouble?.()).toBeNull()
})
