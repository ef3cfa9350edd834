/** Through delivery into Splunk: it indexes what the journal holds, whatever it names, forgets or does not take. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { append, delivering, numbersIn } from '../failures/delivering.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import type { AckMood } from '../sinks/splunk_hec/hec-acks.ts'
import { HecServer } from '../sinks/splunk_hec/hec-server.ts'
import { hecSink } from '../sinks/splunk_hec/sink.ts'

const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
const indexedNumbers = (...hecs: readonly HecServer[]) =>
  ascending(numbersIn(hecs.flatMap(({ lines }) => lines)))

/** Numbers and reasons of dead letters. */
async function lettersIn(dataDir: string): Promise<{ numbers: number[]; reasons: Set<string> }> {
  const directory = join(dataDir, 'dlq', 'siem')
  const names = await readdir(directory).catch(() => [])
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  const letters = texts
    .flatMap((text) => text.split('\n').filter(Boolean))
    .map((line): { event: { n: number }; reason: string } => JSON.parse(line))
  return {
    numbers: ascending(letters.map(({ event }) => event.n)),
    reasons: new Set(letters.map(({ reason }) => reason)),
  }
}

async function connected(config: Record<string, unknown>) {
  const hec = await HecServer.open()
  hec.acknowledges = config.acknowledge === true
  const sink = hecSink({ url: hec.url, ...config })
  onTestFinished(async () => {
    await sink.stop()
    await hec[Symbol.asyncDispose]()
  })
  await sink.start()
  return { hec, sink }
}

test.each([false, true])(
  'bad events become dead letters, one by one (acknowledge: %s)',
  async (acknowledge) => {
    await using directory = await temporaryDirectory()
    const { hec, sink } = await connected({ acknowledge, ack: { interval: '10ms', timeout: '10s' } })
    hec.poison = 'malformed'
    const isBad = (n: number) => n % 40 === 7
    await using journal = await open(directory.path)
    await append(journal, 0, 400, (n) => (isBad(n) ? 'malformed' : ''))
    const delivery = await delivering(journal, directory.path, sink)
    await delivery.settledThrough(400, AbortSignal.timeout(15_000))
    await delivery.stop(0)

    const good = range(0, 400).filter((n) => !isBad(n))
    const found = indexedNumbers(hec)
    // What stood before a bad event is not acknowledged, and comes again; otherwise Splunk's word holds.
    expect(acknowledge ? [...new Set(found)] : found).toEqual(good)
    const { numbers, reasons } = await lettersIn(directory.path)
    expect(numbers).toEqual(range(0, 400).filter(isBad))
    for (const reason of reasons) expect(reason).toMatch(/^HTTP 400, code 6: Invalid data format/)
  },
)

test('an index that is not there holds no event of another one: its own become dead letters', async () => {
  await using directory = await temporaryDirectory()
  const { hec, sink } = await connected({ index: '{action}' })
  const actions = ['team_a', 'team_b', 'nowhere']
  await using journal = await open(directory.path)
  const write = (from: number, to: number, actionOf: (n: number) => string | undefined) =>
    journal.append(batchOf(range(from, to).map((n) => JSON.stringify({ action: actionOf(n), n }))), {
      stream: stream(1),
    })
  const delivery = await delivering(journal, directory.path, sink)
  await using _stopped = { [Symbol.asyncDispose]: () => delivery.stop(0) }
  await write(0, 300, (n) => actions[n % 3])
  await expect.poll(() => hec.lines.length, { timeout: 10_000 }).toBe(200)
  // While nothing else comes, they may wait for their index; others that pass meanwhile tell whose fault it is.
  let end = 300
  const more = async () => {
    await write(end, end + 2, () => 'team_a')
    end += 2
    return (await lettersIn(directory.path)).numbers.length
  }
  await expect.poll(more, { timeout: 10_000 }).toBe(100)
  await delivery.settledThrough(end, AbortSignal.timeout(15_000))

  expect(indexedNumbers(hec)).toEqual(range(0, end).filter((n) => n >= 300 || n % 3 !== 2))
  for (const { line, meta } of hec.indexed) expect(line).toContain(`"action":"${String(meta.index)}"`)
  const { numbers, reasons } = await lettersIn(directory.path)
  expect(numbers).toEqual(range(0, 300).filter((n) => n % 3 === 2))
  expect([...reasons]).toEqual(['HTTP 400, code 7: Incorrect index'])
})

test('a token that is disabled for a while costs nothing, though its events are of many indexes', async () => {
  await using directory = await temporaryDirectory()
  const { hec, sink } = await connected({ index: '{action}' })
  await using journal = await open(directory.path)
  const write = (from: number, to: number) =>
    journal.append(
      batchOf(range(from, to).map((n) => JSON.stringify({ action: n % 2 === 0 ? 'team_a' : 'team_b', n }))),
      { stream: stream(1) },
    )
  await write(0, 100)
  const delivery = await delivering(journal, directory.path, sink)
  await delivery.settledThrough(100, AbortSignal.timeout(15_000))
  hec.tokens.set('secret-token', { disabled: true })
  const { requests } = hec
  await write(100, 800)
  // Many attempts, of each index, shortly after both were accepted.
  await expect.poll(() => hec.requests, { timeout: 10_000 }).toBeGreaterThan(requests + 30)
  hec.tokens.set('secret-token', {})
  await delivery.settledThrough(800, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect(indexedNumbers(hec)).toEqual(range(0, 800))
  expect((await lettersIn(directory.path)).numbers).toEqual([])
})

test('whatever becomes of acknowledgements, and of an indexer, all is indexed in the end', async () => {
  await using directory = await temporaryDirectory()
  const first = await HecServer.open()
  let second = await HecServer.open()
  const { port } = second
  const hecs = [first, second]
  for (const hec of hecs) hec.acknowledges = true
  const sink = hecSink({
    url: [first.url, second.url],
    acknowledge: true,
    ack: { interval: '10ms', timeout: '150ms' },
  })
  await sink.start()
  await using journal = await open(directory.path)
  const delivery = await delivering(journal, directory.path, sink)
  onTestFinished(async () => {
    await sink.stop()
    for (const hec of hecs) await hec[Symbol.asyncDispose]()
  })
  const moods: readonly AckMood[] = ['prompt', 'never', 'lost_id', 'unreadable', 'cut', 'truthy', 'forgotten']
  for (const [round, mood] of moods.entries()) {
    for (const hec of hecs) hec.ackMood = mood
    const before = first.requests + second.requests
    await append(journal, round * 100, (round + 1) * 100)
    await expect.poll(() => first.requests + second.requests, { timeout: 10_000 }).toBeGreaterThan(before)
    // Killed with events that it has not acknowledged, and started anew without a memory of them.
    await second[Symbol.asyncDispose]()
    second = await HecServer.open(port)
    second.acknowledges = true
    second.ackMood = mood
    hecs.push(second)
  }
  for (const hec of hecs) hec.ackMood = 'prompt'
  const total = moods.length * 100
  await delivery.settledThrough(total, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect([...new Set(indexedNumbers(...hecs))]).toEqual(range(0, total))
  expect((await lettersIn(directory.path)).numbers).toEqual([])
})
