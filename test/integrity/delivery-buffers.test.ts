/**
 * Buffers of settled batches are written again. A destination that answers before it has read the whole request
 * must still read what was sent, not the next batch.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { createDelivery } from '../../src/delivery/loop.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { event, MemoryCursor, MemoryJournal } from '../delivery/memory-journal.ts'
import { range } from '../delivery/scripted-sink.ts'
import { httpSink } from '../sinks/http/destination.ts'

interface Body {
  readonly chunks: Buffer[]
  left: number
}

/** Answers each request when its headers are there, and reads its body a little later. */
function answerEarly(socket: Socket, bodies: Body[]): void {
  let head = Buffer.alloc(0)
  let body: Body | undefined
  socket.on('error', () => undefined)
  socket.on('data', (data) => {
    let rest = Buffer.from(data)
    while (rest.length > 0) {
      if (body !== undefined && body.left > 0) {
        const taken = rest.subarray(0, body.left)
        body.chunks.push(taken)
        body.left -= taken.length
        rest = rest.subarray(taken.length)
        continue
      }
      head = Buffer.concat([head, rest])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/content-length: (\d+)/i.exec(head.toString('latin1', 0, end))![1])
      rest = head.subarray(end + 4)
      head = Buffer.alloc(0)
      body = { chunks: [], left: length }
      bodies.push(body)
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      socket.pause()
      setTimeout(() => socket.resume(), 20)
    }
  })
}

test('an answer before the end of the request does not change what is read', async () => {
  const bodies: Body[] = []
  const server = createServer((socket) => answerEarly(socket, bodies))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const journal = new MemoryJournal()
  const filling = `,"x":"${'x'.repeat(1000)}"`
  for (let block = 0; block < 30; block++) {
    journal.append(range(block * 1000, block * 1000 + 1000).map((n) => event(n, filling)))
  }
  const deadLetters = await openDeadLetters({ directory: '/nonexistent', clock: systemClock })
  const delivery = createDelivery({
    sink: httpSink({ url: `http://127.0.0.1:${port}/` }),
    journal,
    cursor: new MemoryCursor(),
    select: () => ({ mask: Uint32Array.of(1), overrides: undefined }),
    config: {
      batch: { max_bytes: 4 * 1024 ** 2, max_events: 10_000, timeout: 50, linger: 5 },
      concurrency: { min: 2, max: 2 },
      retry: { initial: 10, max: 100 },
    },
    deadLetters,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    metrics: createMetrics(),
  })
  onTestFinished(async () => {
    await delivery.stop(0)
    server.close()
  })
  await delivery.start()
  await delivery.settledThrough(journal.durableSeq, AbortSignal.timeout(15_000))
  await expect.poll(() => bodies.every(({ left }) => left === 0), { timeout: 10_000 }).toBe(true)
  expect(bodies.length).toBeGreaterThan(5)
  for (const { chunks } of bodies) {
    const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1)
    const first = (JSON.parse(lines[0]!) as { n: number }).n
    // One batch is one run of numbers: another batch's lines in it would break the run.
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith(`{"action":"test.event","n":${first + index},`)) {
        expect(line.slice(0, 60)).toBe(`line ${first + index}`)
      }
    }
  }
})
