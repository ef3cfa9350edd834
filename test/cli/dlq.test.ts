import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listLetters, showLetters } from '../../src/cli/dlq.ts'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'

const event = (seq: number) => `{"id":"e-${seq}","message":"ü \u2028 1e2","n":1.50,"log":{"seq":${seq}}}`

function dataDirectory() {
  const dataDir = mkdtempSync(join(tmpdir(), 'affiant-dlq-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const at = (sink: string) => join(dataDir, 'dlq', sink)
  const refuse = async (sink: string, seqs: readonly number[], reason: string) => {
    await using letters = await openDeadLetters({ directory: at(sink), clock: systemClock })
    const lines = seqs.map((seq) => ({ sink, seq, attempts: 2, reason, line: Buffer.from(event(seq)) }))
    expect(await letters.add(lines)).toBeNull()
  }
  return { dataDir, at, refuse }
}

async function list(dataDir: string, json = false) {
  const said: string[] = []
  const parts: string[] = []
  const output = { write: (part: string | Uint8Array) => parts.push(String(part)) > 0 }
  const exitCode = await listLetters({ dataDir, json, output, say: (line) => said.push(line) })
  return { exitCode, text: parts.join(''), said }
}

async function show(
  dataDir: string,
  sink: string,
  options: { from?: number; to?: number; events?: boolean } = {},
) {
  const said: string[] = []
  const parts: Buffer[] = []
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((part) => parts.push(Buffer.from(part)) > 0)
  try {
    const all = { from: 0, to: Number.POSITIVE_INFINITY, events: false, ...options }
    const exitCode = await showLetters({ dataDir, sink, ...all, say: (line) => said.push(line) })
    return { exitCode, text: Buffer.concat(parts).toString(), said }
  } finally {
    write.mockRestore()
  }
}

test('no dead letters, and no directory for them', async () => {
  const { dataDir } = dataDirectory()
  expect(await list(dataDir)).toEqual({ exitCode: 0, text: 'no dead letters\n', said: [] })
  expect(await list(dataDir, true)).toMatchObject({ text: '{"sinks":[]}\n' })
  await expect(show(dataDir, 'hook')).rejects.toMatchObject({
    code: 'sink_not_found',
    hint: 'no sink has any',
  })
})

test('sinks with their reasons, the most frequent first; a letter that is there twice counts once', async () => {
  const { dataDir, refuse } = dataDirectory()
  await refuse('hook', [41], 'HTTP 400: bad "event":')
  await refuse('hook', [43, 44], 'HTTP 422')
  await refuse('hook', [44], 'HTTP 422')
  await refuse('archive', [7], 'HTTP 413')
  const { exitCode, text } = await list(dataDir)
  expect(exitCode).toBe(0)
  const time = '\\d{4}-\\d\\d-\\d\\dT\\S+Z'
  expect(text).toMatch(
    new RegExp(
      `^sink +events  first +last +reason
archive +1  ${time}  ${time}  HTTP 413
hook +3  ${time}  ${time}  2 reasons:
 +2 +HTTP 422
 +1 +HTTP 400: bad "event":
$`,
    ),
  )
  const { sinks } = JSON.parse((await list(dataDir, true)).text)
  expect(sinks).toMatchObject([
    { sink: 'archive', events: 1 },
    { sink: 'hook', events: 3, reasons: [{ reason: 'HTTP 422', events: 2 }, { events: 1 }] },
  ])
})

test('letters of some seqs, and the events as they were sent, each once', async () => {
  const { dataDir, refuse } = dataDirectory()
  await refuse('hook', [41, 43], 'HTTP 400: bad "event":')
  await refuse('hook', [43, 44], 'HTTP 422')
  const { text } = await show(dataDir, 'hook', { from: 43, to: 43 })
  expect(JSON.parse(text)).toMatchObject({ schema: 'dead-letter/1', sink: 'hook', seq: 43, attempts: 2 })
  expect((await show(dataDir, 'hook', { events: true })).text).toBe(`${[41, 43, 44].map(event).join('\n')}\n`)
  await expect(show(dataDir, '../hook')).rejects.toMatchObject({
    code: 'sink_not_found',
    hint: 'sinks that have, or had: hook',
  })
})

test('what is no letter is named, and the rest is read; a last line without an end is only unfinished', async () => {
  const { dataDir, at, refuse } = dataDirectory()
  await refuse('hook', [41], 'HTTP 400')
  const [name = ''] = readdirSync(at('hook'))
  appendFileSync(join(at('hook'), name), '{"schema":"dead-letter/1","ti')
  expect(await list(dataDir)).toMatchObject({ exitCode: 0, said: [] })
  mkdirSync(at('other'))
  writeFileSync(join(at('other'), 'a.ndjson'), `{"event":1}\n\nno\n{"a":1,"event":{"id":"x"}}\n`)
  writeFileSync(join(at('other'), 'readme.txt'), 'not one of ours')
  const { exitCode, text, said } = await list(dataDir)
  expect({ exitCode, said }).toEqual({
    exitCode: 65,
    said: [1, 2, 3, 4].map(
      (line) => `${join(at('other'), 'a.ndjson')}:${line}: this line is no dead letter; it is left out`,
    ),
  })
  expect(text).toContain('HTTP 400')
  expect(await show(dataDir, 'other')).toMatchObject({ exitCode: 65, text: '' })
})
