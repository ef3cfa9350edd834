/** Random scripts for the file receiver's model: what befalls a directory of logs, and the agent that reads them. */
import fc from 'fast-check'

/** How rotated files are called: `app.log.1` is always the newest; or each has a name for good. */
export type Names = 'shifted' | 'dated'

export interface Settings {
  /** How many logs there are. */
  readonly logs: number
  /** Whether the patterns match what rotation leaves, too. */
  readonly matchesRotated: boolean
  readonly names: Names
  readonly watch: 'notify' | 'poll'
}

/** `log` counts modulo the logs that there are. What does not apply (a second start, say) does nothing. */
export type Step =
  | {
      readonly kind: 'append'
      readonly log: number
      readonly lines: number
      /** Bytes of each, about. */
      readonly width: number
      /** The last one is not finished before the next step that concerns this log. */
      readonly unfinished: boolean
    }
  /** Renamed; an unfinished line is finished before or after that. `create`: an empty file takes its place at once. */
  | { readonly kind: 'rename'; readonly log: number; readonly create: boolean; readonly late: boolean }
  | { readonly kind: 'copytruncate'; readonly log: number }
  /** Half of the newest rotated file is compressed. */
  | { readonly kind: 'compress'; readonly log: number }
  /** The other half, and the original goes. */
  | { readonly kind: 'compressed'; readonly log: number }
  /** Of what was read: the oldest rotated file, or the log itself if there is none. */
  | { readonly kind: 'delete'; readonly log: number }
  /** Of what was read. */
  | { readonly kind: 'truncate'; readonly log: number }
  /** What was read, by rename(2) of another file. */
  | { readonly kind: 'replace'; readonly log: number; readonly lines: number }
  /** The next generations of this log begin with the same line as other logs' do, or with one of their own again. */
  | { readonly kind: 'header'; readonly log: number; readonly shared: boolean }
  /** The journal takes its time from here on, until `crash` or `relieve`. */
  | { readonly kind: 'stall' }
  | { readonly kind: 'relieve' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'start' }
  /** Until everything is read. */
  | { readonly kind: 'wait' }
  /** Milliseconds that everything else has. */
  | { readonly kind: 'pause'; readonly ms: number }

export interface Script {
  readonly settings: Settings
  readonly steps: readonly Step[]
}

const log = fc.nat({ max: 2 })
const kind = <Kind extends Step['kind']>(name: Kind) => fc.constant(name)
const lines = fc.integer({ min: 1, max: 6 })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('append'),
      log,
      lines,
      width: fc.constantFrom(12, 12, 60, 300, 1_500),
      unfinished: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind('rename'), log, create: fc.boolean(), late: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('copytruncate'), log }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('compress'), log }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('compressed'), log }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delete'), log }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('truncate'), log }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('replace'), log, lines }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('header'), log, shared: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('stall') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('relieve') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('stop') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('crash') }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('start') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('wait') }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('pause'), ms: fc.constantFrom(0, 2, 10, 30) }) },
)

export const scripts: fc.Arbitrary<Script> = fc.record({
  settings: fc.record({
    logs: fc.integer({ min: 1, max: 3 }),
    matchesRotated: fc.boolean(),
    names: fc.constantFrom<Names>('shifted', 'dated'),
    watch: fc.constantFrom('notify', 'poll'),
  }),
  steps: fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }),
})
