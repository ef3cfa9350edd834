/** One agent per data directory, across processes, and free again when its holder is killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { lockDataDir } from '../../src/journal/lock.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'

const holder = `
  const { lockDataDir } = await import(${JSON.stringify(new URL('../../src/journal/lock.ts', import.meta.url).href)})
  const { systemClock } = await import(${JSON.stringify(new URL('../../src/clock.ts', import.meta.url).href)})
  await lockDataDir(process.argv[1], { clock: systemClock })
  process.stdout.write('locked')
  setInterval(() => {}, 1000)
`

async function lockInAnotherProcess(dataDir: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

describe('data directory lock', () => {
  test('a second agent is refused, by name of the first; kill -9 frees the directory', async () => {
    await using directory = await temporaryDirectory()
    const child = await lockInAnotherProcess(directory.path)
    try {
      await expect(open(directory.path)).rejects.toMatchObject({
        code: 'data_dir_locked',
        message: `another process uses ${directory.path}`,
        hint: expect.stringContaining('--wait-lock'),
      })
      await writeFile(join(directory.path, 'agent.json'), JSON.stringify({ pid: child.pid }))
      await expect(open(directory.path)).rejects.toMatchObject({
        code: 'data_dir_locked',
        message: `process ${child.pid} uses ${directory.path}`,
      })
    } finally {
      child.kill('SIGKILL')
    }
    await once(child, 'exit')
    await (await open(directory.path))[Symbol.asyncDispose]()
  })

  test('one who waits gets it when it is free', async () => {
    await using directory = await temporaryDirectory()
    const first = await lockDataDir(directory.path, { clock: systemClock })
    await expect(lockDataDir(directory.path, { clock: systemClock })).rejects.toMatchObject({
      code: 'data_dir_locked',
    })
    let free = false
    const told: string[] = []
    const onWait = (message: string) => told.push(message)
    const second = lockDataDir(directory.path, { clock: systemClock, wait: true, onWait }).then((lock) => {
      expect(free).toBe(true)
      return lock
    })
    await expect.poll(() => told).toHaveLength(1)
    free = true
    first.release()
    ;(await second).release()
    expect(told).toEqual([`another process uses ${directory.path}`])
  })

  test('waiting ends with its signal', async () => {
    await using directory = await temporaryDirectory()
    const held = await lockDataDir(directory.path, { clock: systemClock })
    const stop = new AbortController()
    const waiting = lockDataDir(directory.path, { clock: systemClock, wait: true, signal: stop.signal })
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    held.release()
  })

  test('a directory that is a file is no data directory', async () => {
    await using directory = await temporaryDirectory()
    const path = join(directory.path, 'file')
    await writeFile(path, '')
    await expect(open(path)).rejects.toMatchObject({
      code: 'data_dir_unusable',
      message: expect.stringContaining(path),
      hint: expect.stringContaining('agent.data_dir'),
    })
  })
})
