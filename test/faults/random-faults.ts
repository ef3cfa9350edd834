/** Faults one after another, at random, until told to stop. */
import type { Fault, FaultProxy } from './fault-proxy.ts'

/** Half of the time all is well: otherwise nothing would ever get through. */
function randomFault(random: () => number): Fault {
  const some = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
  if (random() < 0.45) return { kind: 'none' }
  return some<() => Fault>([
    () => ({ kind: 'delay', milliseconds: 20 + random() * 400 }),
    () => ({ kind: 'throttle', rate: 20_000 + random() * 500_000 }),
    () => ({ kind: 'cut', way: 'request', after: Math.floor(random() ** 2 * 200_000) }),
    () => ({ kind: 'cut', way: 'answer', after: Math.floor(random() * 40) }),
    () => ({ kind: 'reset', when: 'connect' }),
    () => ({ kind: 'reset', when: 'data' }),
    () => ({ kind: 'black_hole' }),
    () => ({ kind: 'swallow_answer' }),
    () => ({ kind: 'garbage' }),
    () => ({ kind: 'refuse' }),
  ])()
}

export interface FaultyTime {
  /** How many of each kind there were. */
  readonly counts: Readonly<Record<string, number>>
}

/** Gives the proxy a fault after another for `milliseconds`, then heals it. */
export async function misbehave(
  proxy: FaultProxy,
  milliseconds: number,
  random: () => number,
): Promise<FaultyTime> {
  const counts: Record<string, number> = {}
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    const fault = randomFault(random)
    counts[fault.kind] = (counts[fault.kind] ?? 0) + 1
    await proxy.become(fault)
    const length = Math.min(end - performance.now(), 50 + random() * (fault.kind === 'none' ? 1500 : 800))
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, length)))
  }
  await proxy.become({ kind: 'none' })
  return { counts }
}
