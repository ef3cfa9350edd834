// Guarantee: memory is bounded by the receiver's limits, however many send however much, and who can wait is served.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { encodeBodies } from '../../bench/otlp/bodies.ts'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { exportedLines } from '../peers/exported.ts'
import { full } from '../seed.ts'

const mebibyte = 1024 * 1024
const connections = 200
const bodyBytes = 64 * mebibyte
/** The receiver's, by default. */
const maxInFlight = 128 * mebibyte
/**
 * A body is there in chunks, and then once more as a whole; what is decoded and written of it is bounded by itself. The
 * rest is the agent and its journal, and what the system has of 200 connections.
 */
const mostMemory = (2 * maxInFlight) / mebibyte + 256
/** How often each sends its body, by another connection each time. */
const times = full ? 10 : 2
const patience = 60_000

/** Requests without ids, one behind the other: in protobuf, they are one. */
const [piece] = encodeBodies(1, 1000, { ids: false })
const head = Buffer.from(
  `POST /v1/logs HTTP/1.1\r\nHost: flood\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${bodyBytes}\r\n\r\n`,
)

/** Sends until it is told to stop, as clients do that read only once they have sent; returns what it was told. */
async function flood(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  const ended = new AbortController()
  socket.on('error', () => ended.abort())
  socket.on('close', () => ended.abort())
  socket.on('data', (data) => {
    answer += data.toString('latin1')
    if (answer.includes('\r\n\r\n')) ended.abort()
  })
  socket.write(head)
  let left = bodyBytes
  while (left > 0 && !ended.signal.aborted) {
    const next = left >= piece!.length ? piece! : padding(left)
    left -= next.length
    if (!socket.write(next)) await once(socket, 'drain', { signal: ended.signal }).catch(() => {})
  }
  if (!ended.signal.aborted) await once(ended.signal, 'abort')
  socket.destroy()
  return answer
}

/** A field that the message has none of, with so many bytes in all: 2 or more. */
function padding(bytes: number): Buffer {
  const field = Buffer.alloc(bytes)
  // Field 15, length-delimited; the length takes as many bytes as it is given.
  field[0] = 0x7a
  const lengthBytes = Math.min(4, bytes - 1)
  let length = bytes - 1 - lengthBytes
  for (let i = 0; i < lengthBytes; i++) {
    field[1 + i] = (length & 0x7f) | (i < lengthBytes - 1 ? 0x80 : 0)
    length >>>= 7
  }
  return field
}

test('200 connections that send 64 MiB each', { timeout: 600_000 }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: { app: { type: 'otlp', http: { listen: '127.0.0.1:0' }, max_in_flight: `${maxInFlight}B` } },
  })
  await using agent = startAgent(config)
  await agent.ready()
  const port = Number(agent.otlp.split(':')[1])

  let flooding = true
  const answers: string[] = []
  const floods = Promise.all(
    Array.from({ length: connections }, async () => {
      for (let n = 0; n < times; n++) answers.push(await flood(port))
    }),
  ).then(() => {
    flooding = false
  })

  /** Who comes back when he is told to. */
  const polite: number[] = []
  let longest = 0
  for (let n = 0; flooding || n < 20; n++) {
    const body = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: `polite ${n}` } }] }] }],
    })
    const began = performance.now()
    for (;;) {
      const { status, headers } = await agent.postOtlp(body)
      if (status === 200) break
      expect(status).toBe(503)
      expect(performance.now() - began).toBeLessThan(patience)
      await wait(1000 * Number(headers.get('retry-after')))
    }
    longest = Math.max(longest, performance.now() - began)
    polite.push(n)
    await wait(50)
  }
  await floods

  const statuses = answers.map((answer) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'none')
  const counts = Object.groupBy(statuses, (status) => status)
  // What was refused can be sent again; a connection that is closed while its client sends tells it as much.
  for (const answer of answers) {
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (?:200 |503 .*\r\nretry-after: \d)/is)
  }
  expect(counts['503']?.length ?? 0).toBeGreaterThan(connections / 2)
  process.stderr.write(
    `flood: ${Object.entries(counts)
      .map(([status, all]) => `${all!.length} × ${status}`)
      .join(
        ', ',
      )}; peak RSS ${Math.round(agent.peakMemory)} MiB; ${polite.length} polite requests, the longest took ${Math.round(longest)} ms\n`,
  )
  expect(agent.peakMemory).toBeLessThan(mostMemory)

  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  const kept = (await exportedLines(config)).filter((line) => line.includes('"message":"polite '))
  expect(kept).toHaveLength(polite.length)
})
