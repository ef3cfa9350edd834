/** Random scripts for the journal's model: what is appended, and what befalls it. */
import fc from 'fast-check'
import type { Operation } from './crash-file-system.ts'

export interface Lines {
  /** Which of the files. */
  readonly file: number
  readonly count: number
  readonly width: number
}

export type Step =
  | { readonly kind: 'append'; readonly batches: readonly Lines[]; readonly beside: number | null }
  | {
      readonly kind: 'cut'
      readonly batches: readonly Lines[]
      /** Operations until the power goes. */
      readonly after: number
      /** Decides which unsynced pages are kept. */
      readonly keeps: number
      /** Operations of the recovery until the power goes once more. */
      readonly again: number | null
    }
  | {
      readonly kind: 'fault'
      readonly batches: readonly Lines[]
      readonly operation: Operation
      readonly code: string
      /** Calls that work before. */
      readonly after: number
      /** Calls that don't. */
      readonly times: number
    }
  /** A sink has settled this share of what is there. */
  | { readonly kind: 'settle'; readonly share: number }
  /** A file is gone, and another one comes in its place. */
  | { readonly kind: 'forget'; readonly file: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'flip'; readonly segment: number; readonly offset: number; readonly bit: number }

export const files = [1, 2, 3]

const lines = fc.record({
  file: fc.constantFrom(...files),
  count: fc.integer({ min: 1, max: 5 }),
  width: fc.constantFrom(1, 40, 900, 5000),
})
const batches = fc.array(lines, { minLength: 1, maxLength: 6 })
const kind = <Kind extends Step['kind']>(name: Kind) => fc.constant(name)

export const scripts: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: kind('append'),
        batches,
        beside: fc.option(fc.nat()),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: kind('cut'),
        batches,
        after: fc.integer({ min: 0, max: 40 }),
        keeps: fc.integer({ min: 0, max: 0x7fff_ffff }),
        again: fc.option(fc.integer({ min: 1, max: 40 })),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: kind('fault'),
        batches,
        operation: fc.constantFrom<Operation>(
          'sync',
          'write',
          'open',
          'rename',
          'syncDirectory',
          'truncate',
          'remove',
        ),
        code: fc.constantFrom('EIO', 'ENOSPC'),
        after: fc.integer({ min: 0, max: 6 }),
        times: fc.integer({ min: 1, max: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: kind('settle'), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('forget'), file: fc.constantFrom(...files) }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('restart') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('flip'),
        segment: fc.nat(),
        offset: fc.nat(),
        bit: fc.integer({ min: 0, max: 7 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 16 },
)
