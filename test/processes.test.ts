// What a test has started is gone when its worker is, however that went.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { endWithTest, killOthers, livingProcesses } from './processes.ts'

const worker = `
  const { spawn } = await import('node:child_process')
  const { endWithTest } = await import(${JSON.stringify(join(import.meta.dirname, 'processes.ts'))})
  const ended = spawn('true')
  endWithTest(ended)
  ended.once('exit', () => {
    const one = spawn('sleep', ['600'])
    const group = spawn('bash', ['-c', 'sleep 600 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    endWithTest(one)
    endWithTest(group, { group: true })
    group.stdout.once('data', (pid) => console.log(one.pid, Number(pid)))
  })
  setInterval(() => {}, 1000)
`

/** What nobody has waited for yet is a zombie, and as good as gone. */
const runs = (pid: number) =>
  /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim())

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a worker that ends by %s takes its processes along',
  async (signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', worker], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout, 'data')
    const pids = String(line).trim().split(' ').map(Number)
    expect(pids.map(runs)).toEqual([true, true])
    child.kill(signal)
    await once(child, 'exit')
    await expect.poll(() => pids.map(runs)).toEqual([false, false])
  },
)

test('what was not there before is killed, and nothing else', async () => {
  const first = spawn('sleep', ['600'])
  endWithTest(first)
  const before = livingProcesses()
  const second = spawn('sleep', ['600'])
  endWithTest(second)
  killOthers(before)
  await once(second, 'exit')
  expect(second.signalCode).toBe('SIGKILL')
  expect(livingProcesses().has(first)).toBe(true)
  expect(livingProcesses().has(second)).toBe(false)
  first.kill()
  await once(first, 'exit')
})
