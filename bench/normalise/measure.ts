/** The normaliser and its reference over the same records, by turns. */
import { isAscii } from 'node:buffer'
import { randomHashKey } from '../../src/attribution/keyed-hash.ts'
import type { LineChunk } from '../../src/event/record.ts'
import type { NormaliserSpec } from '../../src/normalise/contract.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import type { LineMaker } from './lines/index.ts'
import type { Lot } from './lot.ts'

export interface Measured {
  readonly preset: string
  readonly records: number
  readonly bytes: number
  /** Events a second. */
  readonly normalised: number
  /** Records a second of the reference. */
  readonly reference: number
  /** Of the reference, in records a second: the median of the turns, each of which has its own. What else the machine does is in both. */
  readonly ratio: number
  readonly events: number
  readonly unparsed: number
  /** Records that took the short way. */
  readonly served: number
}

const spec = (preset: string): NormaliserSpec => ({
  agent: { id: 'bench', version: '0.0.0' },
  receiver: 'bench',
  mapping: { preset },
  raw: 'none',
  require: {
    default: ['actor.id', 'action', 'targets', 'outcome.result'],
    authentication: ['actor.id', 'action', 'outcome.result'],
  },
  redact: [],
  hashKeys: [randomHashKey()],
  routes: [{ name: 'all', to: ['out'], continue: false }],
})

/** Turns that do not count, by number and seconds of the processor: code is compiled, stencils are learnt. */
const warmUp = { turns: 3, seconds: 2 }

export function measure(preset: string, { fields }: LineMaker, lot: Lot, turns: number): Measured {
  const normaliser = compileNormaliser(spec(preset))
  const take = fields ?? JSON.parse
  const ways = { normalised: [] as number[], reference: [] as number[] }
  let events = 0
  let unparsed = 0
  let servedBefore = 0
  const started = cpuSeconds()
  for (let turn = 0; ways.reference.length < turns; turn++) {
    const counts = turn >= warmUp.turns && cpuSeconds() - started > warmUp.seconds
    servedBefore = normaliser.served
    events = 0
    unparsed = 0
    const normalised = seconds(() => {
      for (const chunk of lot.chunks) {
        const batch = normaliser.lines(chunk)
        events += batch.count
        unparsed += batch.unparsed
      }
    })
    const reference = seconds(() => {
      for (const chunk of lot.chunks) for (const text of texts(chunk)) take(text)
    })
    if (!counts) continue
    ways.normalised.push(normalised)
    ways.reference.push(reference)
  }
  return {
    preset,
    records: lot.records,
    bytes: lot.bytes,
    normalised: events / median(ways.normalised),
    reference: lot.records / median(ways.reference),
    ratio: median(ways.reference.map((seconds, turn) => seconds / ways.normalised[turn]!)),
    events,
    unparsed,
    served: normaliser.served - servedBefore,
  }
}

function texts({ bytes, frames }: LineChunk): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = isAscii(bytes) ? buffer.toString('latin1') : buffer.toString('utf8')
  if (frames === undefined) return whole.slice(0, -1).split('\n')
  return frames.starts.map((start, i) => buffer.toString('utf8', start, frames.ends[i]))
}

/** Of this thread's processor: what others do on the machine is not in it. */
function seconds(run: () => void): number {
  const started = cpuSeconds()
  run()
  return cpuSeconds() - started
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
