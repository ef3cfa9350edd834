// A data directory on a disk that is full: at the start a message, later a pause that ends by itself.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn } from './events.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

/** A file system of `size` bytes at `path`; undefined where this user may not mount. */
function smallDisk(path: string, size: string): Disposable | undefined {
  mkdirSync(path)
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const mounted = spawnSync('/bin/mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${size},mode=777`,
    'affiant-test',
    path,
  ])
  if (mounted.status !== 0) return undefined
  return { [Symbol.dispose]: () => spawnSync('/bin/umount', ['--lazy', path]) }
}

/** Writes zeros until nothing more fits. */
function fill(path: string): void {
  const zeros = Buffer.alloc(4096)
  writeFileSync(path, '')
  for (;;) {
    try {
      appendFileSync(path, zeros)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
      return
    }
  }
}

const line = (n: number) =>
  `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n, text: 'x'.repeat(500) })}\n`

test('a full disk at the start, and a disk that fills up while the agent runs', async ({ skip }) => {
  using directory = new WorkDirectory()
  const data = directory.at('data')
  using disk = smallDisk(data, '16m')
  skip(disk === undefined, 'this user may not mount a small disk')
  const config = configure(directory)
  const filler = directory.at('data', 'filler')
  fill(filler)

  await using refused = startAgent(config)
  const { code, stderr } = await refused.result()
  expect(code).toBe(73)
  expect(stderr).toBe(
    `affiant: ${data}: the disk that holds it is full\n` +
      '  free some space there, or give agent.data_dir a disk with free space\n',
  )

  rmSync(filler)
  await using agent = startAgent(config)
  await agent.ready()
  const out = directory.at('out.ndjson')
  appendFileSync(directory.at('app.log'), line(0))
  await until('the first line', () => eventsIn(out).length === 1)

  fill(filler)
  const total = 8_000
  let text = ''
  for (let n = 1; n < total; n++) text += line(n)
  appendFileSync(directory.at('app.log'), text)
  let said = ''
  await until('the pause', async () => {
    const { status, body } = await agent.readiness()
    said = body
    return status === 503
  })
  expect(JSON.parse(said)).toMatchObject({
    ready: false,
    reasons: [
      {
        component: 'journal',
        message: `the disk that holds ${data}/journal is full; trying again every second`,
      },
    ],
  })
  expect(await (await fetch(`http://${agent.telemetry}/healthz`)).json()).toMatchObject({ status: 'ok' })

  rmSync(filler)
  await until('all lines', () => eventsIn(out).length >= total)
  expect(await agent.readiness()).toMatchObject({ status: 200 })
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(
    eventsIn(out)
      .map(({ unmapped }) => unmapped?.n)
      .toSorted((a, b) => Number(a) - Number(b)),
  ).toEqual(Array.from({ length: total }, (_, n) => n))
})
