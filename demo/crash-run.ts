/**
 * An agent that is killed while an application writes: what `npm run demo:crash` shows and what
 * test/failures/03-restart-loses-what-was-stored.test.ts holds. The real process, a real file, a real HTTP sink on loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openJournalForReading } from '../src/journal/reading.ts'

export interface CrashRun {
  /** An empty directory to work in. */
  readonly directory: string
  readonly lines: number
  /** Line counts at which the agent is killed with SIGKILL, ascending. */
  readonly killAt: readonly number[]
  readonly onKill?: (written: number) => void
}

export interface CrashResult {
  readonly written: number
  /** Lines found in the journal, each counted as often as it is there. */
  readonly journal: number
  readonly lost: number
  readonly twice: number
  /** Deliveries beyond the first of an id: a batch in flight when its agent was killed is sent again. */
  readonly resent: number
  /** Distinct lines and distinct ids at the sink: equal, when a re-sent event keeps its id. */
  readonly deliveredLines: number
  readonly deliveredIds: number
}

const deadlineMilliseconds = 120_000

/** Counts what arrives: every line's number, every id. */
async function countingSink() {
  const ids = new Set<string>()
  const lines = new Set<number>()
  let events = 0
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      for (const text of Buffer.concat(parts).toString('utf8').split('\n')) {
        if (text === '') continue
        const event: { id: string; action: string; unmapped?: { n?: number } } = JSON.parse(text)
        if (event.action.startsWith('affiant.')) continue
        events++
        ids.add(event.id)
        if (event.unmapped?.n !== undefined) lines.add(event.unmapped.n)
      }
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    ids,
    lines,
    get events() {
      return events
    },
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const line = (n: number) =>
  `${JSON.stringify({
    ts: new Date().toISOString(),
    user: `u_${n % 977}`,
    event: 'invoice.read',
    invoice: `inv_${n}`,
    result: 'success',
    n,
  })}\n`

/** Polls until `done`, or throws with what was being waited for. */
async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + deadlineMilliseconds
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export async function crashRun({ directory, lines, killAt, onKill }: CrashRun): Promise<CrashResult> {
  mkdirSync(directory, { recursive: true })
  const log = join(directory, 'app.log')
  const config = join(directory, 'affiant.yaml')
  const sink = await countingSink()
  writeFileSync(log, '')
  writeFileSync(
    config,
    JSON.stringify({
      agent: { id: 'crash', data_dir: join(directory, 'data') },
      receivers: { app: { type: 'file', include: [log] } },
      sinks: { hook: { type: 'http', url: sink.url } },
      telemetry: { listen: '127.0.0.1:0', log: { level: 'error' } },
    }),
  )

  const start = (): ChildProcess =>
    spawn(process.execPath, ['bin/affiant.js', 'run', '-c', config], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const ended = async (agent: ChildProcess, signal: NodeJS.Signals) => {
    const exit = once(agent, 'exit')
    agent.kill(signal)
    await exit
  }

  let agent = start()
  try {
    let written = 0
    for (const stop of [...killAt, lines]) {
      // Half of a stretch waits until this process has delivered something, so that it is killed at work.
      const before = sink.events
      const half = written + Math.floor((stop - written) / 2)
      while (written < stop) {
        const end = Math.min(stop, written + 500, written < half ? half : stop)
        let part = ''
        for (let n = written; n < end; n++) part += line(n)
        appendFileSync(log, part)
        written = end
        if (written === half) await until(() => sink.events > before, `a delivery after line ${written}`)
      }
      if (stop === lines) break
      await ended(agent, 'SIGKILL')
      onKill?.(written)
      agent = start()
    }
    await until(() => sink.lines.size >= lines, `all ${lines} lines, ${sink.lines.size} have arrived`)
    await ended(agent, 'SIGTERM')

    const found = await linesInJournal(join(directory, 'data'), lines)
    const resent = sink.events - sink.ids.size
    return { written, ...found, resent, deliveredLines: sink.lines.size, deliveredIds: sink.ids.size }
  } finally {
    agent.kill('SIGKILL')
    sink.close()
  }
}

async function linesInJournal(dataDir: string, lines: number) {
  const seen = new Uint8Array(lines)
  const journal = await openJournalForReading(dataDir)
  await using reader = journal.read(journal.firstSeq)
  let total = 0
  for (;;) {
    const block = await reader.next()
    if (block === null) break
    for (const text of block.payload.toString('utf8').split('\n')) {
      if (text === '') continue
      const event: { unmapped?: { n?: number } } = JSON.parse(text)
      const n = event.unmapped?.n
      if (n === undefined) continue
      total++
      seen[n] = seen[n]! + 1
    }
  }
  let lost = 0
  let twice = 0
  for (const times of seen) {
    if (times === 0) lost++
    if (times > 1) twice++
  }
  return { journal: total, lost, twice }
}
