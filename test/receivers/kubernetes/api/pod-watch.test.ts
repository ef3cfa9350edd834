import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../../src/clock.ts'
import { ApiFault } from '../../../../src/receivers/kubernetes/api/api-fault.ts'
import { ApiServer } from '../../../../src/receivers/kubernetes/api/api-server.ts'
import { PodWatch } from '../../../../src/receivers/kubernetes/api/pod-watch.ts'
import { makeAuthority, makeCertificate } from '../../../peers/certificates.ts'
import { scratchDirectory } from '../../../scratch-directory.ts'
import { until } from '../../until.ts'
import { ClusterApi } from '../cluster-api.ts'

const directory = scratchDirectory('pod-watch')
const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

const nameOf = (pod: Readonly<Record<string, unknown>>) => String((pod.metadata as { name: string }).name)

const watched = (api: ClusterApi) =>
  api.requests.filter(({ searchParams }) => searchParams.has('watch')).length

function watching(api: ClusterApi, files: { token?: string; ca?: string } = {}) {
  const seen: string[] = []
  const faults: (Error | ApiFault)[] = []
  const ended = new AbortController()
  const waits: number[] = []
  let later = 0
  const watch = new PodWatch({
    api: new ApiServer({ url: api.url, token: files.token, ca: files.ca }),
    node: 'node-1',
    // Waiting is noted and cut short.
    clock: {
      ...systemClock,
      monotonic: () => systemClock.monotonic() + later,
      sleep: async (milliseconds, signal) => {
        waits.push(milliseconds)
        await systemClock.sleep(5, signal)
      },
    },
    random: () => 0.5,
    listed: (pods) => seen.push(`listed ${pods.map(nameOf).join(' ')}`.trim()),
    changed: (type, pod) => seen.push(`${type} ${nameOf(pod)}`),
    failed: (fault) => faults.push(fault),
    watching: () => {},
  })
  const run = watch.run(ended.signal)
  running.push(async () => {
    ended.abort()
    await run
    await api[Symbol.asyncDispose]()
  })
  return {
    seen,
    faults,
    waits,
    watch,
    pass: (milliseconds: number) => {
      later += milliseconds
    },
  }
}

test('lists what is on the node, then every change of it, and nothing of other nodes', async () => {
  const api = await ClusterApi.start()
  api.put({ name: 'a' })
  api.put({ name: 'elsewhere', node: 'node-2' })
  const { seen } = watching(api)
  await until('a watch', () => api.watches === 1)
  api.put({ name: 'b' })
  api.put({ name: 'far', node: 'node-2' })
  api.put({ name: 'a', labels: { x: 'y' } })
  api.remove('b')
  await until(
    'all',
    () => seen.length === 4,
    () => seen,
  )
  expect(seen).toEqual(['listed a', 'ADDED b', 'MODIFIED a', 'DELETED b'])
  const [list, watch] = api.requests
  expect(list!.searchParams.get('fieldSelector')).toBe('spec.nodeName=node-1')
  expect(Object.fromEntries(watch!.searchParams)).toMatchObject({
    allowWatchBookmarks: 'true',
    watch: 'true',
    resourceVersion: '102',
    timeoutSeconds: '450',
  })
})

test('a connection that breaks off loses nothing: the next watch goes on from there', async () => {
  const api = await ClusterApi.start()
  const { seen, faults } = watching(api)
  await until('a watch', () => api.watches === 1)
  api.put({ name: 'a' })
  await until('a', () => seen.includes('ADDED a'))
  api.write('{"type":"ADDED","object":{"metadata":{"na')
  api.cut()
  api.put({ name: 'b' })
  api.remove('b')
  await until(
    'b',
    () => seen.includes('DELETED b'),
    () => seen,
  )
  expect(seen).toEqual(['listed', 'ADDED a', 'ADDED b', 'DELETED b'])
  expect(faults).toHaveLength(1)
  expect(api.lists).toBe(1)
})

test('a watch that the server ends is followed by the next, from the last bookmark on', async () => {
  const api = await ClusterApi.start()
  const { seen, faults } = watching(api)
  await until('a watch', () => api.watches === 1)
  api.put({ name: 'a' })
  await until('a', () => seen.includes('ADDED a'))
  api.put({ name: 'elsewhere', node: 'node-2' })
  api.bookmark()
  // What is behind a bookmark may be forgotten without anybody noticing.
  api.compact()
  api.endWatches()
  await until('the next watch', () => api.watches === 1)
  expect(api.requests.at(-1)!.searchParams.get('resourceVersion')).toBe('103')
  expect(faults).toEqual([])
  expect(api.lists).toBe(1)
})

test.each([
  ['by an event', (api: ClusterApi) => api.fail(410, 'Expired')],
  ['when it goes on', (api: ClusterApi) => api.cut()],
])('410 Gone %s: everything is listed again, not from the cache', async (_how, end) => {
  const api = await ClusterApi.start()
  api.put({ name: 'a' })
  const { seen } = watching(api)
  await until('a watch', () => api.watches === 1)
  end(api)
  api.remove('a')
  api.put({ name: 'b' })
  api.compact()
  await until(
    'listed again',
    () => seen.some((one) => one === 'listed b'),
    () => seen,
  )
  await until('watching', () => api.watches === 1)
  const lists = api.requests.filter(({ searchParams }) => !searchParams.has('watch'))
  expect(lists[0]!.searchParams.get('resourceVersion')).toBe('0')
  expect(lists.at(-1)!.searchParams.get('resourceVersion')).toBe(null)
})

test('a cluster put back from a backup tells a watch of nothing new: everything is listed again when somebody misses a pod', async () => {
  const api = await ClusterApi.start()
  api.put({ name: 'a' })
  const { seen, faults, watch, pass } = watching(api)
  await until('a watch', () => api.watches === 1)
  for (let i = 0; i < 40; i++) api.put({ name: 'a' })
  await until('all', () => seen.length === 41)
  api.restore(30)
  await until('the next watch', () => api.watches === 1)
  api.put({ name: 'b' })
  watch.listAgain()
  expect(api.lists).toBe(1)
  pass(5 * 60_000)
  watch.listAgain()
  watch.listAgain()
  await until(
    'listed again',
    () => seen.at(-1) === 'listed a b',
    () => seen,
  )
  await until('the next watch', () => api.watches === 1)
  api.put({ name: 'c' })
  await until(
    'told again',
    () => seen.at(-1) === 'ADDED c',
    () => seen,
  )
  expect(seen).not.toContain('ADDED b')
  expect(api.lists).toBe(2)
  // The one connection that was cut.
  expect(faults).toHaveLength(1)
})

test('a list in pages', async () => {
  const api = await ClusterApi.start()
  const names = Array.from({ length: 600 }, (_, i) => `p${i}`)
  for (const name of names) api.put({ name })
  const { seen } = watching(api)
  await until('a watch', () => api.watches === 1)
  api.fail(410, 'Gone')
  await until('listed again', () => seen.length === 2)
  expect(seen[1]).toBe(`listed ${names.join(' ')}`)
  expect(api.lists).toBe(4)
})

test('a server that is away is asked again, later each time, and no later than every half minute', async () => {
  const api = await ClusterApi.start()
  await api.away()
  const { seen, faults, waits } = watching(api)
  await until('some attempts', () => waits.length >= 9)
  expect(waits.slice(0, 3)).toEqual([375, 750, 1_500])
  expect(Math.max(...waits)).toBe(22_500)
  expect(faults[0]!.message).toContain('ECONNREFUSED')
  await api.listen()
  api.put({ name: 'a' })
  await until('a', () => seen.length > 0)
})

test('nobody is waited for until tomorrow', async () => {
  const api = await ClusterApi.start()
  api.refuse = { code: 503, reason: 'ServiceUnavailable', retryAfter: 86_400 }
  const { waits } = watching(api)
  await until('asked', () => waits.length > 0)
  expect(waits[0]).toBe(5 * 60_000)
})

test('429 is waited for as long as it says', async () => {
  const api = await ClusterApi.start()
  api.refuse = { code: 429, reason: 'TooManyRequests', retryAfter: 7 }
  const { waits } = watching(api)
  await until('a wait', () => waits.length > 0)
  expect(waits[0]).toBe(7_000)
})

test('over TLS with an authority of its own; the token is read again when it was renewed', async () => {
  const authority = await makeAuthority(directory, 'cluster-ca')
  const other = await makeAuthority(directory, 'other-ca')
  const pair = await makeCertificate(directory, 'api', { authority })
  const api = await ClusterApi.start({ cert: pair.pem, key: readFileSync(pair.key, 'utf8') })
  const token = join(directory, 'token')
  const ca = join(directory, 'ca.crt')
  writeFileSync(token, 'old\n')
  writeFileSync(ca, other.pem)
  api.token = 'old'
  api.put({ name: 'a' })
  const { seen, faults } = watching(api, { token, ca })
  await until('a fault', () => faults.length > 0)
  expect(faults[0]!.message).toMatch(/certificate/)
  writeFileSync(ca, authority.pem)
  await until(
    'a watch',
    () => api.watches === 1,
    () => faults.map(({ message }) => message),
  )
  faults.length = 0
  api.token = 'new'
  api.cut()
  await until('refused', () => faults.some((fault) => fault instanceof ApiFault && fault.kind === 'refused'))
  expect(faults.at(-1)!.message).toContain('401: Unauthorized')
  writeFileSync(token, 'new\n')
  await until('a watch', () => api.watches === 1)
  expect(seen).toEqual(['listed a'])
  expect(api.authorizations.at(-1)).toBe('Bearer new')
})

test('what is no event, and a line that has no end, are faults; the watch begins again', async () => {
  const api = await ClusterApi.start()
  const { seen, faults } = watching(api)
  await until('a watch', () => api.watches === 1)
  api.write('{"type":"ADDED"}\n')
  await until('a fault', () => faults.length === 1)
  await until('the next watch', () => watched(api) === 2)
  api.write('no json\n')
  await until('a fault', () => faults.length === 2)
  await until('the next watch', () => watched(api) === 3)
  api.write(`{"type":"ADDED","object":"${'x'.repeat(8 * 1024 * 1024)}`)
  await until('a fault', () => faults.length === 3)
  expect(faults.at(-1)!.message).toBe('a line of more than 8388608 bytes')
  api.put({ name: 'a' })
  await until('a', () => seen.includes('ADDED a'))
})
