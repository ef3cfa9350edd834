/**
 * Which rules hold at which place, as a machine that goes along with a walk through an event. A state is a set of
 * positions in the rules' places; its transitions are made when they are first taken, and kept, since events of one
 * producer have the same keys: after the first few, a step is one look-up.
 */
import type { Segment } from '../../event/path.ts'
import { CleanTexts } from './clean-texts.ts'
import { isCalled } from './field-name.ts'
import { anyElement, anyNumber, anyOne, type Step } from './path.ts'
import type { RedactMethod } from './rule.ts'
import type { PartialRule } from './scanner.ts'

/** A rule for whole values. */
export interface WholeRule {
  readonly method: RedactMethod
  /** Of `truncate`. */
  readonly length: number | undefined
  /** For `redactions[].rule`. */
  readonly rule: string
  /** Its place among the rules. */
  readonly order: number
  /** Takes out texts only, each by itself, and none that the producer has hidden. */
  readonly secret?: true
}

/** Of two rules for one value the one that was written first. */
export function firstOf(a: WholeRule | undefined, b: WholeRule | undefined): WholeRule | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return b.order < a.order ? b : a
}

/** One place of one rule: the value there; parts of the texts there and below; what is there and below stays. */
export type Place = { readonly steps: readonly Step[] } & (
  | { readonly role: 'whole'; readonly rule: WholeRule }
  | { readonly role: 'parts'; readonly rule: PartialRule }
  | { readonly role: 'allow' }
)

export interface State {
  /** Takes out the value at this place: the first of the rules. */
  readonly whole: WholeRule | undefined
  /** Take out parts of texts here, in the order of the rules. */
  readonly parts: readonly PartialRule[]
  /** Texts in which none of those finds anything. */
  readonly clean: CleanTexts
  /** An `allow` rule names this place or one above it. */
  readonly allowed: boolean
  /** Whether any rule can hold here or below; what an `allow` rule does not name is not among it. */
  readonly alive: boolean
  to(step: Segment): State
}

/** Transitions kept per state; the rest are made anew each time. */
const maxKept = 2048

/** `places` in the order of their rules: the first decides. */
export function compileStates(places: readonly Place[]): State {
  const partRules = places.flatMap((place) => (place.role === 'parts' ? [place.rule] : []))
  const known = new Map<string, State>()
  /** By the rules whose parts are looked for: states with the same ones share what they know. */
  const cleans = new Map<string, CleanTexts>()

  function cleanOf(parts: readonly PartialRule[]): CleanTexts {
    const name = parts.map((part) => partRules.indexOf(part)).join(' ')
    const clean = cleans.get(name) ?? new CleanTexts()
    cleans.set(name, clean)
    return clean
  }

  /** A position: place × 4096 + step; a place that was reached and goes on holding below has its last step. */
  const positionOf = (place: number, step: number) => place * 4096 + step

  function state(positions: ReadonlySet<number>): State {
    const closed = closure(positions)
    const name = [...closed].toSorted((a, b) => a - b).join(' ')
    let found = known.get(name)
    if (found === undefined) {
      found = make(closed)
      if (known.size < maxKept) known.set(name, found)
    }
    return found
  }

  /** With every position that is reached because `**` stands for nothing. */
  function closure(positions: ReadonlySet<number>): Set<number> {
    const closed = new Set(positions)
    for (const position of closed) {
      const { steps } = places[Math.floor(position / 4096)]!
      if (steps[position % 4096] === anyNumber) closed.add(position + 1)
    }
    return closed
  }

  function make(positions: ReadonlySet<number>): State {
    const at = [...positions].map((position) => ({
      position,
      place: places[Math.floor(position / 4096)]!,
      step: position % 4096,
    }))
    const reached = at
      .filter(({ place, step }) => step === place.steps.length)
      .map(({ place }) => place)
      .toSorted((a, b) => places.indexOf(a) - places.indexOf(b))
    const parts = [...new Set(reached.flatMap((place) => (place.role === 'parts' ? [place.rule] : [])))]
    const byKey = new Map<string, State>()
    const byIndex = new Map<number, State>()
    const indexes = new Set(
      at.flatMap(({ place: { steps }, step }) => (typeof steps[step] === 'number' ? [steps[step]] : [])),
    )

    function go(step: Segment): State {
      const next = new Set<number>()
      for (const { position, place, step: i } of at) {
        const wanted = place.steps[i]
        if (wanted === undefined) {
          // What holds below its place stays there.
          if (place.role !== 'whole') next.add(position)
        } else if (wanted === anyNumber) next.add(position)
        else if (fits(wanted, step)) next.add(position + 1)
        // A list needs no index.
        if (typeof step === 'number' && isKey(wanted)) next.add(position)
      }
      return state(next)
    }

    return {
      whole: reached.flatMap((place) => (place.role === 'whole' ? [place.rule] : []))[0],
      parts,
      clean: cleanOf(parts),
      allowed: reached.some(({ role }) => role === 'allow'),
      alive: positions.size > 0,
      to(step) {
        if (typeof step === 'number') {
          // All elements are alike but those that a rule counts.
          const index = indexes.has(step) ? step : -1
          let next = byIndex.get(index)
          if (next === undefined) {
            next = go(index)
            byIndex.set(index, next)
          }
          return next
        }
        let next = byKey.get(step)
        if (next === undefined) {
          next = go(step)
          if (byKey.size < maxKept) byKey.set(step, next)
        }
        return next
      },
    }
  }

  return state(new Set(places.map((_, i) => positionOf(i, 0))))
}

const isKey = (wanted: Step | undefined): boolean =>
  typeof wanted === 'string' || (typeof wanted === 'object' && wanted !== null)

function fits(wanted: Exclude<Step, typeof anyNumber>, step: Segment): boolean {
  if (wanted === anyOne) return true
  if (wanted === anyElement) return typeof step === 'number'
  if (typeof wanted === 'object') return typeof step === 'string' && isCalled(step, wanted.folded)
  return wanted === step
}
