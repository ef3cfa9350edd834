/**
 * The data directory's file system turns read-only under a running agent, as Linux does to one whose disk fails. No exit,
 * red readiness, 503 to clients; after a restart on the mended disk everything acknowledged is there, from files once.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

const run = (command: string, ...args: string[]) => spawnSync(command, args).status === 0

/** An ext4 file system in a file: unlike tmpfs it can turn read-only while files are open. */
class LoopDisk implements Disposable {
  readonly #image: string
  readonly #path: string

  private constructor(image: string, path: string) {
    this.#image = image
    this.#path = path
  }

  /** Undefined where this user may not mount, or ext4 is not to be had. */
  static make(image: string, path: string): LoopDisk | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
    mkdirSync(path)
    writeFileSync(image, '')
    truncateSync(image, 64 * 1024 ** 2)
    const disk = new LoopDisk(image, path)
    return run('/sbin/mkfs.ext4', '-q', image) && disk.mount() ? disk : undefined
  }

  mount(): boolean {
    return run('/bin/mount', '-o', 'loop', this.#image, this.#path)
  }

  fail(): boolean {
    return run('/bin/mount', '-o', 'remount,abort', this.#path)
  }

  mend(): boolean {
    // Status 1: errors were corrected.
    return (
      run('/bin/umount', this.#path) &&
      [0, 1].includes(spawnSync('/sbin/e2fsck', ['-fy', this.#image]).status ?? 9) &&
      this.mount()
    )
  }

  [Symbol.dispose](): void {
    run('/bin/umount', '--lazy', this.#path)
  }
}

const line = (n: number) => `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n })}\n`

const request = JSON.stringify({
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }] }],
})

test('failures 14, 26: a file system that turns read-only', async ({ skip }) => {
  using directory = new WorkDirectory()
  using disk = LoopDisk.make(directory.at('image'), directory.at('data'))
  if (!disk) return skip('this user may not mount an ext4 image')
  const config = configure(directory, {
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
      otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
    },
  })
  const out = directory.at('out.ndjson')
  const log = directory.at('app.log')
  const ofFile = () => eventsIn(out).filter(({ action }) => action === 'invoice.read')
  const write = (from: number, to: number) =>
    appendFileSync(log, Array.from({ length: to - from }, (_, i) => line(from + i)).join(''))
  {
    await using agent = startAgent(config)
    await agent.ready()
    write(0, 500)
    await until('the first lines', () => ofFile().length === 500)
    expect((await agent.postOtlp(request)).status).toBe(200)
    expect(disk.fail()).toBe(true)
    write(500, 1000)
    await until('red readiness', async () => (await agent.readiness()).status === 503)
    expect((await agent.readiness()).body).toContain('cannot be written')
    const { status, headers } = await agent.postOtlp(request)
    expect(status).toBe(503)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await (await fetch(`http://${agent.telemetry}/healthz`)).json()).toMatchObject({ status: 'ok' })
    agent.signal('SIGTERM')
    expect((await agent.ended).signal).toBeNull()
  }
  await using refused = startAgent(config)
  const { code, stderr } = await refused.result()
  expect(code).toBe(73)
  expect(stderr).toMatch(/^affiant: .*read-only/i)

  expect(disk.mend()).toBe(true)
  await using agent = startAgent(config)
  await agent.ready()
  await until('all lines', () => new Set(ofFile().map(({ id }) => id)).size === 1000)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  // The journal holds each line once. The sink may have had those twice whose cursor could not be written any more.
  const numbers = new Set(ofFile().map(({ unmapped }) => unmapped?.n))
  expect([...numbers]).toEqual(Array.from({ length: 1000 }, (_, n) => n))
})
