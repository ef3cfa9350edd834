/**
 * Guarantee: how far a producer's chain is, and the records that led there, are on disk together. Producers who send on after
 * every kill see no gap and no break that they did not make, and none of their records is there twice; also once the segments
 * in which their chains began are gone.
 */
import { hash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { auditRecord, canonicalText } from '../../src/receivers/otlp/audit/canonical-record.ts'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'
import { record, request, text, uuid } from '../receivers/otlp/audit/records.ts'
import type { RequestObject } from '../receivers/otlp/oracle.ts'
import { full, randomFrom, seed } from '../seed.ts'

const kills = full ? 60 : 2
const producers = 3

/** Sends one batch after the other, each until it is answered with success; a record names the one before it. */
class Producer {
  readonly #name: number
  #number = 0
  #previous: { readonly hash: string; readonly id: string } | undefined
  #waiting: RequestObject[] = []
  acknowledged = 0
  readonly warnings: unknown[] = []

  constructor(name: number) {
    this.#name = name
  }

  async send(agent: AgentProcess, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      if (this.#waiting.length === 0) this.#waiting = [this.#next(), this.#next(), this.#next()]
      const url = `http://${agent.audit}/v1/audit`
      const body = JSON.stringify(request(this.#waiting))
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined)
      const said = await answer?.text().catch(() => undefined)
      // It was killed, or is about to be.
      if (answer === undefined || said === undefined) return
      if (answer.status === 503) continue
      if (answer.status !== 200) throw new Error(`${answer.status}: ${said}`)
      const { receipts } = JSON.parse(said) as { receipts: readonly { chainWarnings?: unknown }[] }
      this.warnings.push(...receipts.flatMap(({ chainWarnings }) => chainWarnings ?? []))
      this.acknowledged += this.#waiting.length
      this.#waiting = []
    }
  }

  #next(): RequestObject {
    const n = ++this.#number
    const id = uuid(this.#name * 1_000_000 + n)
    const made = record(this.#name * 1_000_000 + n, {
      'audit.sequence.stream_id': text(`producer ${this.#name}`),
      'audit.sequence.number': { intValue: String(n) },
      ...(this.#previous && {
        'audit.sequence.previous_hash': text(this.#previous.hash),
        'audit.sequence.previous_record_id': text(this.#previous.id),
      }),
    })
    this.#previous = { hash: hash('sha256', canonicalText(auditRecord(made))), id }
    return made
  }
}

test('producers of chains, an agent that is killed', { timeout: 60_000 + 3_000 * kills }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: { audit: { type: 'otlp_audit', http: { listen: '127.0.0.1:0' } } },
    journal: { segment_size: '64KiB', keep: '0s' },
  })
  const random = randomFrom(seed)
  const all = Array.from({ length: producers }, (_, name) => new Producer(name))
  const acknowledged = () => all.reduce((sum, one) => sum + one.acknowledged, 0)
  const oldest = () => {
    const [first = ''] = readdirSync(directory.at('data/journal'))
      .filter((name) => name.endsWith('.seg'))
      .sort()
    return Number(first.split('-')[1])
  }
  for (let round = 0; round <= kills; round++) {
    await using agent = startAgent(config)
    await agent.ready()
    const stop = new AbortController()
    const sending = all.map((one) => one.send(agent, stop.signal))
    // More than a segment holds, and then at any moment.
    await until('records', () => acknowledged() >= (round + 1) * 90)
    await sleep(100 * random())
    if (round < kills) agent.signal('SIGKILL')
    else stop.abort()
    await Promise.all(sending)
    if (round < kills) {
      await agent.ended
      continue
    }
    const total = acknowledged()
    const ids = () => new Set(eventsIn(directory.at('out.ndjson')).map(({ id }) => id))
    await until('delivered', () => ids().size === total)
    // The segments with which the chains began go: they were carried on from one to the next.
    await until('the first segments are gone', () => oldest() > 0)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  expect(all.flatMap(({ warnings }) => warnings)).toEqual([])
  for (const one of all) expect(one.acknowledged).toBeGreaterThan(0)
  // A file sink may write a line twice around a kill: in the journal it is once.
  const events = eventsIn(directory.at('out.ndjson'))
  const seqs = new Map<string, Set<number>>()
  for (const { id, log } of events) seqs.set(id, (seqs.get(id) ?? new Set()).add(log.seq))
  expect([...seqs].filter(([, { size }]) => size !== 1)).toEqual([])
  for (const { quality, provenance } of events) {
    expect(quality).toEqual({ parse: 'ok' })
    expect(provenance.receiver).toBe('audit')
  }
  // Each chain is one stream, over all restarts, without a place that is there twice.
  const places = events.map(({ provenance }) => `${provenance.stream} ${provenance.index}`)
  expect(new Set(places).size).toBe(seqs.size)
  expect(new Set(events.map(({ provenance }) => provenance.stream)).size).toBe(producers)
})
