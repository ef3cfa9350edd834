// A file is deleted only when nothing of it can be lost: each test is one way in which something could.
import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { fileReceiverConfig } from '../../../src/receivers/file/config.ts'
import { createFileReceiver, type FileReceiver } from '../../../src/receivers/file/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { MemoryIntake } from '../memory-intake.ts'
import { throughout, until } from '../until.ts'

class Spool implements AsyncDisposable {
  readonly directory: string
  readonly intake = new MemoryIntake()
  /** What the sinks say. */
  delivered: (stream: string) => boolean = () => true
  readonly #receivers: FileReceiver[] = []

  private constructor(directory: string) {
    this.directory = directory
  }

  static async create(): Promise<Spool> {
    return new Spool(await mkdtemp(join(tmpdir(), 'affiant-delete-')))
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  async start(settings: object = {}, intake: MemoryIntake = this.intake) {
    const receiver = createFileReceiver({
      name: 'app',
      config: fileReceiverConfig.parse({
        type: 'file',
        include: [this.path('*.log')],
        delete_after: 'delivered',
        delete_grace: '100ms',
        poll: '20ms',
        ...settings,
      }),
      agentId: 'agent-1',
      intake,
      known: intake.known(),
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
      forget: (stream) => intake.forget(stream),
      delivered: (stream) => this.delivered(stream),
      grace: 100,
    })
    this.#receivers.push(receiver)
    await receiver.start()
    return receiver
  }

  closed() {
    return this.intake.notes.filter(({ action }) => action === 'affiant.stream.closed')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.stop()))
    await rm(this.directory, { recursive: true, force: true })
  }
}

describe.concurrent('delete_after: delivered', () => {
  test('a file goes once it is delivered, after that is on record, and its end is recorded once', async () => {
    await using spool = await Spool.create()
    const path = spool.path('a.log')
    await writeFile(path, 'one\ntwo\n')
    spool.delivered = () => false
    const receiver = await spool.start()
    await receiver.caughtUp
    await throughout('the file is there', 300, () => existsSync(path))
    expect(spool.closed()).toEqual([])

    let thereWhenRecorded: boolean | undefined
    const note = spool.intake.noteStream.bind(spool.intake)
    spool.intake.noteStream = async (...args) => {
      const commit = await note(...args)
      thereWhenRecorded ??= existsSync(path)
      return commit
    }
    spool.delivered = () => true
    await until('it is deleted', () => !existsSync(path))
    expect(thereWhenRecorded).toBe(true)
    await until('it is let go', () => receiver.status().length === 0)
    expect(spool.closed()).toMatchObject([{ metadata: { path, reason: 'deleted', size: 8, read: 8 } }])
  })

  test.for([
    ['its last line is not finished', 'one\ntwo'],
    ['it holds no line at all', 'one'],
  ] as const)('a file stays where %s', async ([, text]) => {
    await using spool = await Spool.create()
    const path = spool.path('a.log')
    await writeFile(path, text)
    await spool.start()
    await throughout('the file is there', 400, () => existsSync(path))
  })

  test('a file that grows is not deleted before it was quiet, and is read to its end then', async () => {
    await using spool = await Spool.create()
    const path = spool.path('a.log')
    await writeFile(path, 'one\n')
    await spool.start({ delete_grace: '300ms' })
    for (let count = 0; count < 10; count++) {
      await appendFile(path, `more ${count}\n`)
      await throughout('the file is there', 60, () => existsSync(path))
    }
    await until('it is deleted', () => !existsSync(path))
    expect(spool.intake.texts()).toHaveLength(11)
  })

  test('what is written while its end is being recorded keeps the file', async () => {
    await using spool = await Spool.create()
    const path = spool.path('a.log')
    await writeFile(path, 'one\n')
    const note = spool.intake.noteStream.bind(spool.intake)
    let written = false
    spool.intake.noteStream = async (...args) => {
      const commit = await note(...args)
      if (!written) await appendFile(path, 'late\n')
      written = true
      return commit
    }
    await spool.start()
    await until('it is deleted in the end', () => !existsSync(path))
    expect(spool.intake.texts()).toEqual(['one', 'late'])
    expect(spool.closed().at(-1)?.metadata).toMatchObject({ size: 9, read: 9 })
  })

  test('another file under its name is never touched', async () => {
    await using spool = await Spool.create()
    const path = spool.path('a.log')
    await writeFile(path, 'one\n')
    const note = spool.intake.noteStream.bind(spool.intake)
    let replaced = false
    spool.intake.noteStream = async (...args) => {
      const commit = await note(...args)
      if (!replaced) {
        await rename(path, spool.path('kept'))
        await writeFile(path, 'two\n')
        spool.delivered = () => false
      }
      replaced = true
      return commit
    }
    await spool.start()
    await until('the other one is read', () => spool.intake.texts().includes('two'))
    await throughout('both are there', 300, () => existsSync(path) && existsSync(spool.path('kept')))
  })

  test('a symbolic link and what it leads to stay', async () => {
    await using spool = await Spool.create()
    await writeFile(spool.path('target'), 'one\n')
    await symlink(spool.path('target'), spool.path('a.log'))
    const receiver = await spool.start()
    await receiver.caughtUp
    await throughout('both are there', 400, () => existsSync(spool.path('a.log')))
    expect(spool.closed()).toEqual([])
  })

  test('a rotated file stays where its name matches nothing', async () => {
    await using spool = await Spool.create()
    await writeFile(spool.path('a.log'), 'one\n')
    spool.delivered = () => false
    const receiver = await spool.start()
    await receiver.caughtUp
    await rename(spool.path('a.log'), spool.path('a.log.1'))
    await until('the rotation is noticed', () => receiver.status().some(({ rotated }) => rotated))
    spool.delivered = () => true
    await throughout('the file is there', 400, () => existsSync(spool.path('a.log.1')))
  })

  test('after a crash between the record and the deletion the next run deletes it', async () => {
    await using spool = await Spool.create()
    const path = spool.path('a.log')
    await writeFile(path, 'one\ntwo\n')
    const crashed = new MemoryIntake()
    const note = crashed.noteStream.bind(crashed)
    let recorded = false
    crashed.noteStream = async (stream, about, signal) => {
      await note(stream, about, signal)
      recorded = true
      // What follows never happens.
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    }
    await spool.start({}, crashed)
    await until('its end is on record', () => recorded)
    expect(existsSync(path)).toBe(true)
    const next = new MemoryIntake()
    for (const { id, descriptor, position } of crashed.known())
      await next.updateStream({ stream: id, descriptor, position }, new AbortController().signal)
    await spool.start({}, next)
    await until('it is deleted', () => !existsSync(path))
    expect(next.texts()).toEqual([])
  })
})
