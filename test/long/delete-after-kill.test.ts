/**
 * `kill -9` around the deletion of delivered files, and at random: no line is lost, none is in the journal twice, and in
 * the end every file is gone. AFFIANT_FULL=1 kills more often.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { drain } from '../journal/journal-directory.ts'
import { full, randomFrom, seed } from '../seed.ts'

const files = 12
const perFile = 20
const kills = full ? 40 : 4
vi.setConfig({ testTimeout: 60_000 + kills * 20_000 })

/** Ends the process right before or right after it deletes its nth file. */
const killer = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { phase, nth } = JSON.parse(process.env.AFFIANT_KILL_UNLINK)
const { unlinkSync } = fs
let passed = 0
fs.unlinkSync = (path) => {
  passed++
  if (passed === nth && phase === 'before') process.kill(process.pid, 'SIGKILL')
  unlinkSync(path)
  if (passed === nth && phase === 'after') process.kill(process.pid, 'SIGKILL')
}
syncBuiltinESMExports()
`

async function numbersInJournal(dataDir: string): Promise<number[]> {
  const view = await openJournalForReading(dataDir)
  await using reader = view.read(0)
  return (await drain(reader)).flatMap(([, text]): number[] => {
    const event: { unmapped?: { n?: number } } = JSON.parse(text)
    return event.unmapped?.n === undefined ? [] : [event.unmapped.n]
  })
}

test(`delivered files are deleted, and no line with them, across ${kills} kills (seed ${seed})`, async () => {
  using directory = new WorkDirectory()
  const random = randomFrom(seed)
  const paths = Array.from({ length: files }, (_, file) => {
    const lines = Array.from({ length: perFile }, (__, line) => file * perFile + line)
    return directory.write(
      `spool/${file}.log`,
      lines.map((n) => `{"user":"u","event":"e","n":${n}}\n`).join(''),
    )
  })
  const config = configure(directory, {
    receivers: {
      app: {
        type: 'file',
        include: [directory.at('spool/*.log')],
        poll: '50ms',
        delete_after: 'delivered',
        delete_grace: '200ms',
      },
    },
  })
  const preload = directory.at('kill-unlink.mjs')
  writeFileSync(preload, killer)
  const delivered = () => {
    const out = directory.at('out.ndjson')
    const text = existsSync(out) ? readFileSync(out, 'utf8') : ''
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
    return new Set(lines.map((line) => Number(/"n":(\d+)/.exec(line)?.[1] ?? Number.NaN)))
  }

  let hit = 0
  for (let round = 0; round < kills; round++) {
    const phase = ['before', 'after', 'before', 'random'][round % 4]
    const nth = 1 + Math.floor(random() * 2)
    await using agent = startAgent(config, [], {
      env: {
        NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
        AFFIANT_RESTART: 'off',
        AFFIANT_KILL_UNLINK: JSON.stringify({ phase, nth }),
      },
    })
    if (phase === 'random') {
      await agent.ready().catch(() => {})
      const wait = Math.floor(random() * 600)
      await new Promise((resolve) => setTimeout(resolve, wait))
      agent.signal('SIGKILL')
    }
    const left = () => paths.filter((path) => existsSync(path)).length
    await until('the kill, or nothing is left', () => !agent.running || left() < nth)
    if (agent.running) agent.signal('SIGKILL')
    else if (phase !== 'random') hit++
    await agent.ended
    // What is gone was delivered to the last line.
    const had = delivered()
    for (const [file, path] of paths.entries()) {
      if (existsSync(path)) continue
      for (let line = 0; line < perFile; line++) expect(had.has(file * perFile + line)).toBe(true)
    }
  }

  expect(hit).toBeGreaterThan(0)

  await using agent = startAgent(config)
  await agent.ready()
  await until('every file is gone', () => paths.every((path) => !existsSync(path)))
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  const expected = Array.from({ length: files * perFile }, (_, n) => n)
  expect((await numbersInJournal(directory.at('data'))).sort((a, b) => a - b)).toEqual(expected)
  const had = delivered()
  expect(expected.filter((n) => !had.has(n))).toEqual([])
})
