/** Runs the tests that a mapping brings along, through the framing and the normaliser that the agent uses. */
import { asError } from '../errors.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import type { MappingTest } from '../normalise/mapping/mapping.ts'
import { compileNormaliser, type InlineNormaliser } from '../normalise/normaliser.ts'
import type { FramingRules } from '../receivers/file/framing/begin.ts'
import { type Difference, differences } from './expectation.ts'
import { type EventObject, normaliseText } from './normalise-text.ts'

/** What is tested: a mapping with all that a receiver sets around it. */
export interface Subject {
  readonly spec: NormaliserSpec
  readonly framing: FramingRules
  readonly tests: readonly MappingTest[]
}

export interface TestResult {
  readonly name: string
  readonly passed: boolean
  /** By event, from 0; those that are as expected are left out. */
  readonly events: readonly { readonly index: number; readonly differences: readonly Difference[] }[]
  /** Set where it failed for another reason than a member. */
  readonly reason?: string
  /** What was made of the input. */
  readonly made: readonly EventObject[]
}

/** When lines are read whose test does not say: the same everywhere, and after whatever time an example has. */
const defaultObserved = Date.UTC(2100, 0, 1)

export async function runMappingTests({ spec, framing, tests }: Subject): Promise<readonly TestResult[]> {
  const results: TestResult[] = []
  const normalisers = new Map<string | undefined, InlineNormaliser>()
  for (const test of tests) {
    const zone = test.zone ?? spec.zone
    let normaliser = normalisers.get(zone)
    if (normaliser === undefined) {
      normaliser = compileNormaliser({ ...spec, ...(zone === undefined ? {} : { zone }) })
      normalisers.set(zone, normaliser)
    }
    results.push(await runTest(test, normaliser, framing))
  }
  return results
}

async function runTest(
  test: MappingTest,
  normaliser: InlineNormaliser,
  framing: FramingRules,
): Promise<TestResult> {
  const { name, expect } = test
  try {
    const made = await normaliseText(test.input, normaliser, framing, test.observed ?? defaultObserved)
    const events = expect.flatMap((expected, index) => {
      const event = made[index]
      const found = event === undefined ? [] : differences(expected, event)
      return found.length === 0 ? [] : [{ index, differences: found }]
    })
    if (made.length === expect.length) return { name, passed: events.length === 0, events, made }
    const reason = `${counted(expect.length)} expected, ${made.length} made`
    return { name, passed: false, events, reason, made }
  } catch (thrown) {
    return { name, passed: false, events: [], reason: asError(thrown).message, made: [] }
  }
}

const counted = (count: number) => `${count} event${count === 1 ? '' : 's'}`
