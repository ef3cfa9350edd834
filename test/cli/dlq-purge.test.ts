// `affiant dlq purge` on a terminal asks first. A terminal is made by util-linux's `script`.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { configure, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'

vi.setConfig({ testTimeout: 60_000 })

const entry = join(import.meta.dirname, '../../bin/affiant.js')
const hasScript = spawnSync('script', ['--version']).status === 0

test.skipIf(!hasScript)('no leaves them, yes removes them', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory)
  const letters = directory.at('data', 'dlq', 'out')
  {
    await using store = await openDeadLetters({ directory: letters, clock: systemClock })
    const some = [3, 4, 9].map((seq) => ({
      sink: 'out',
      seq,
      attempts: 1,
      reason: 'HTTP 400',
      line: Buffer.from(`{"id":"e-${seq}","log":{"origin":"affiant/e2e/1","seq":${seq},"size":20}}`),
    }))
    expect(await store.add(some)).toBeNull()
  }
  const answering = async (answer: string) => {
    const command = `'${process.execPath}' '${entry}' dlq purge out -c '${config}'`
    const typed = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let shown = ''
    typed.stdout.setEncoding('utf8').on('data', (part: string) => {
      shown += part
    })
    await until(
      'the question',
      () => shown.includes('[y/N]'),
      () => shown,
    )
    typed.stdin.end(answer)
    const [code] = await once(typed, 'close')
    return { code, shown }
  }
  const no = await answering('\n')
  expect(no.shown).toContain('sink out: 3 dead letters, seq 3 to 9. Remove them for good? [y/N]')
  expect(no).toMatchObject({ code: 1, shown: expect.stringContaining('nothing was removed') })
  expect(readdirSync(letters)).toHaveLength(1)
  const yes = await answering('y\n')
  expect(yes).toMatchObject({
    code: 0,
    shown: expect.stringContaining('3 dead letters of sink out are gone'),
  })
  expect(readdirSync(letters)).toEqual([])
})
