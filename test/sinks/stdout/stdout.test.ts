import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { stdoutSinkConfig } from '../../../src/sinks/stdout/config.ts'
import { createStdoutSink } from '../../../src/sinks/stdout/index.ts'
import type { MemoryEvent } from '../../delivery/memory-journal.ts'
import { batchOf, batchOfMany, linesOf } from '../batches.ts'
import { sinkContract } from '../contract.ts'

const never = new AbortController().signal

// A pipe to a real process, which can be stopped, continued and killed.
sinkContract('stdout', {
  // A pipe knows no faults that pass, and takes bytes or does not.
  impossible: ['passing', 'permanent', 'partial'],
  reset: 'held',
  async open() {
    const reader: ChildProcess = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    reader.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk))
    return {
      sink: createStdoutSink({
        name: 'terminal',
        config: stdoutSinkConfig.parse({ type: 'stdout' }),
        stream: reader.stdin!,
      }),
      async become(fault) {
        if (fault === 'reset') {
          reader.kill('SIGKILL')
          await once(reader, 'close')
        } else {
          reader.kill('SIGSTOP')
          if (fault === 'slow') setTimeout(() => reader.kill('SIGCONT'), 200)
        }
      },
      async heal() {
        reader.kill('SIGCONT')
      },
      received: async () => Buffer.concat(chunks).toString().split('\n').slice(0, -1),
      async close() {
        if (reader.exitCode !== null || reader.signalCode !== null) return
        reader.kill('SIGKILL')
        await once(reader, 'close')
      },
    }
  },
})

async function shown(
  events: readonly MemoryEvent[],
  { firstSeq = 213, isTTY = false } = {},
): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY })
  const sink = createStdoutSink({
    name: 'terminal',
    config: stdoutSinkConfig.parse({ type: 'stdout', format: 'pretty' }),
    stream,
  })
  await sink.start()
  expect(await sink.deliver(batchOf(events, firstSeq), never)).toMatchObject({ kind: 'accepted' })
  await sink.stop()
  stream.end()
  return text(stream)
}

const invoice = {
  action: 'invoice.approve',
  actor: { id: 'u_42', type: 'user' },
  attribution: { complete: false, missing: ['outcome.result'] },
  outcome: { result: 'unknown' },
  quality: { parse: 'ok' },
  redactions: [{ method: 'drop', path: 'unmapped.password' }],
  targets: [{ id: 'inv_7', type: 'invoice' }],
  time: '2026-11-23T11:00:00.000000000Z',
}
const asEvent = (value: object): MemoryEvent => ({ canonical: JSON.stringify(value) })

test('pretty is as the first ten minutes show it', async () => {
  expect(await shown([asEvent(invoice)])).toBe(
    'seq 213  11:00:00Z  u_42  invoice.approve  invoice/inv_7  outcome unknown\n' +
      '         redacted: unmapped.password; missing: outcome.result\n',
  )
})

test('nothing to say, no second line; several targets are counted', async () => {
  const { redactions: _, ...rest } = invoice
  const event = {
    ...rest,
    attribution: { complete: true },
    outcome: { result: 'success' },
    targets: [{ id: 'a', type: 'file' }, { id: 'b' }, { id: 'c' }],
  }
  expect(await shown([asEvent(event)], { firstSeq: 7 })).toBe(
    'seq 7  11:00:00Z  u_42  invoice.approve  file/a +2  outcome success\n',
  )
})

test('an unreadable record says so', async () => {
  const event = { ...invoice, quality: { parse: 'failed', warnings: ['not JSON'] }, targets: [] }
  expect(await shown([asEvent(event)])).toContain(
    'parse: failed; redacted: unmapped.password; missing: outcome.result; warnings: not JSON',
  )
})

test('a backlog is one line; the own events of the agent are none', async () => {
  const own = asEvent({ ...invoice, action: 'affiant.stream.opened' })
  expect(await shown([own], { firstSeq: 1 })).toBe('')
  const backlog = Array.from({ length: 212 }, () => asEvent(invoice))
  expect(await shown([own, ...backlog], { firstSeq: 1 })).toBe(
    '212 events, seq 2–213 (not shown one by one)\n',
  )
  expect((await shown(backlog.slice(0, 10))).match(/^seq /gm)).toHaveLength(10)
})

test('an event cannot move the cursor, colour the terminal or forge a line', async () => {
  const output = await shown([
    asEvent({ ...invoice, action: 'a\u001b[2J\nseq 9\u202e\u2028', redactions: [] }),
  ])
  expect(output).toContain('a\\u001b[2J\\u000aseq 9\\u202e\\u2028')
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u)
})

test('no colours but on a terminal', async () => {
  expect(await shown([asEvent(invoice)])).not.toContain('\u001b[')
})

test('the format follows the stream: pretty on a terminal, NDJSON elsewhere', async () => {
  for (const isTTY of [true, false]) {
    const stream = Object.assign(new PassThrough(), { isTTY })
    const sink = createStdoutSink({ name: 'o', config: stdoutSinkConfig.parse({ type: 'stdout' }), stream })
    expect(sink.target).toBe(isTTY ? 'terminal' : 'stdout')
    await sink.start()
    await sink.deliver(batchOfMany(20), never)
    await sink.stop()
    stream.end()
    const output = await text(stream)
    if (isTTY) expect(output).toContain('20 events, seq 0–19 (not shown one by one)')
    else
      expect(output).toBe(
        linesOf(batchOfMany(20))
          .map((line) => `${line}\n`)
          .join(''),
      )
  }
})
