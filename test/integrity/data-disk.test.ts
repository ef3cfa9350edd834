/** What else lies on the data directory's disk, on one that is full: dead letters, cursors, agent.json. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAgentFile, removeAgentFile, writeAgentFile } from '../../src/agent/agent-file.ts'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { readCursors, writeCursor } from '../../src/journal/cursor-file.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { SmallDisk } from '../e2e/small-disk.ts'

async function withDisk(
  use: (disk: SmallDisk) => Promise<void>,
  skip: (note: string) => void,
): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'affiant-disk-'))
  try {
    using disk = SmallDisk.mount(path, '1m')
    if (!disk) return skip('this user may not mount a small disk')
    await use(disk)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

const letter = (seq: number) => ({
  sink: 'out',
  seq,
  attempts: 1,
  reason: 'refused',
  line: Buffer.from(`{"n":${seq},"text":"${'x'.repeat(20_000)}"}`),
})

test('failures 14: dead letters on a full disk do not settle, and are kept once there is space', async ({
  skip,
}) => {
  await withDisk(async (disk) => {
    const directory = join(disk.path, 'dlq', 'out')
    await using letters = await openDeadLetters({ directory, clock: systemClock })
    expect(await letters.add([letter(1)])).toBeNull()
    disk.fill()
    expect(await letters.add([letter(2)])).toMatch(/cannot be kept in .*ENOSPC/)
    disk.free()
    expect(await letters.add([letter(2)])).toBeNull()
    const whole = readdirSync(directory).flatMap((name) =>
      readFileSync(join(directory, name), 'utf8')
        .split('\n')
        .flatMap((line) => {
          try {
            return [Number(JSON.parse(line).event.n)]
          } catch {
            return []
          }
        }),
    )
    expect(whole.toSorted((a, b) => a - b)).toEqual([1, 2])
  }, skip)
})

test('failures 14: a cursor that cannot be written on a full disk leaves the one before it whole', async ({
  skip,
}) => {
  await withDisk(async (disk) => {
    await nodeFileSystem.makeDirectory(join(disk.path, 'cursors'))
    const cursor = { name: 'sink', epoch: 1, settled: 7, required: true, history: [] }
    await writeCursor(nodeFileSystem, disk.path, cursor)
    disk.fill()
    await expect(writeCursor(nodeFileSystem, disk.path, { ...cursor, settled: 8 })).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    expect(await readCursors(nodeFileSystem, disk.path)).toEqual({ cursors: [cursor], damaged: [] })
    disk.free()
    await writeCursor(nodeFileSystem, disk.path, { ...cursor, settled: 8 })
    expect((await readCursors(nodeFileSystem, disk.path)).cursors).toMatchObject([{ settled: 8 }])
  }, skip)
})

test('agent.json is information only: a full or read-only disk keeps nobody from starting or stopping', async ({
  skip,
}) => {
  await withDisk(async (disk) => {
    const agent = { pid: process.pid, started: new Date().toISOString(), version: '1' }
    disk.fill()
    writeAgentFile(disk.path, agent)
    expect(readAgentFile(disk.path)).toBeUndefined()
    disk.free()
    writeAgentFile(disk.path, agent)
    expect(readAgentFile(disk.path)).toEqual({ ...agent, running: true })
    expect(disk.remount('ro')).toBe(true)
    writeAgentFile(disk.path, agent)
    removeAgentFile(disk.path)
    expect(disk.remount('rw')).toBe(true)
  }, skip)
})
