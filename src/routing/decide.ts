/**
 * Where an event goes, decided once, when it is encoded. In order; the first match ends the search unless it
 * says `continue`. A match that drops takes the event out before the journal, unless an earlier route with `continue`
 * has already sent it somewhere: then it stays, and only goes no further.
 */
import { compileCondition } from '../cel/condition.ts'
import type { Condition } from '../cel/contract.ts'
import { eventVariables } from './event-variables.ts'
import { appliesTo, type RouteSpec } from './route.ts'

/** What `decide` returns for an event that stays. */
export const kept = -1

export interface RouteDecider {
  /** 32-bit words of route bits an event has, the same for all receivers. At least 1. */
  readonly words: number
  /** Set when no condition applies to this receiver: the answer for every one of its events. */
  readonly constant: { readonly bits: Uint32Array; readonly dropped: number } | undefined
  /**
   * Writes the event's route bits to `into[at]` … `into[at + words - 1]`; bit i of word w = route `32 * w + i`.
   * Returns `kept`, or the index of the route that drops it. Overwrites what was there.
   */
  decide(event: Readonly<Record<string, unknown>>, into: Uint32Array, at: number): number
}

interface Step {
  readonly when: Condition | undefined
  /** The route's index where it drops, else `kept`. */
  readonly drop: number
  readonly word: number
  readonly bit: number
  readonly ends: boolean
}

/**
 * `routes` is the whole table, whatever the receiver: bits are indexes into it.
 * @throws CelError for a condition that is wrong
 */
export function compileRoutes(routes: readonly RouteSpec[], receiver: string): RouteDecider {
  const steps: Step[] = []
  for (const [index, route] of routes.entries()) {
    if (!appliesTo(route, receiver)) continue
    const step: Step = {
      when: route.when === undefined ? undefined : compileCondition(route.when, eventVariables),
      drop: route.drop === undefined ? kept : index,
      word: index >>> 5,
      bit: 1 << (index & 31),
      ends: !route.continue || route.drop !== undefined,
    }
    steps.push(step)
    if (step.when === undefined && step.ends) break
  }
  const words = Math.max(1, Math.ceil(routes.length / 32))
  const decide = words === 1 ? decideOneWord(steps) : decideWords(steps, words)
  return { words, constant: constantOf(steps, decide, words), decide }
}

function constantOf(
  steps: readonly Step[],
  decide: RouteDecider['decide'],
  words: number,
): RouteDecider['constant'] {
  if (steps.some(({ when }) => when !== undefined)) return undefined
  const bits = new Uint32Array(words)
  const dropped = decide({}, bits, 0)
  return { bits, dropped }
}

/** Up to 32 routes: what nearly every configuration has. */
function decideOneWord(steps: readonly Step[]): RouteDecider['decide'] {
  return (event, into, at) => {
    let bits = 0
    let dropped = kept
    for (const step of steps) {
      if (step.when !== undefined && !step.when(event)) continue
      if (step.drop === kept) bits |= step.bit
      else if (bits === 0) dropped = step.drop
      if (step.ends) break
    }
    into[at] = bits
    return dropped
  }
}

function decideWords(steps: readonly Step[], words: number): RouteDecider['decide'] {
  return (event, into, at) => {
    into.fill(0, at, at + words)
    let matched = false
    for (const { when, drop, word, bit, ends } of steps) {
      if (when !== undefined && !when(event)) continue
      if (drop !== kept) return matched ? kept : drop
      matched = true
      into[at + word] = into[at + word]! | bit
      if (ends) break
    }
    return kept
  }
}
