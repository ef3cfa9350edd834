/** Written, rotated, stopped, aborted, slowed down, all at once and at random: each line exactly once. */
import { appendFile, rename, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { decodeDescriptor } from '../../src/receivers/file/identity/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import type { MemoryIntake } from '../receivers/memory-intake.ts'
import { until } from '../receivers/until.ts'

const seed = Number(process.env.SEED ?? 1)
const bounds = { chunkSize: 300, maxInFlight: 2_000 }

/** A linear congruential generator: the same run for the same seed, as far as the machine's timing allows. */
function random(start: number) {
  let state = start
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor(state / 65_536) % below
  }
}

/** Writes lines in two halves each, and rotates now and then. */
async function write(bench: Bench, intake: MemoryIntake, lines: readonly string[]): Promise<void> {
  const next = random(seed)
  const path = bench.path('audit.log')
  let kept = 0
  for (const line of lines) {
    const half = next(line.length)
    await appendFile(path, line.slice(0, half))
    await appendFile(path, `${line.slice(half)}\n`)
    if (next(40) > 0) continue
    // A file that came and went while nobody looked is beyond the promise: this one has been met.
    const inode = String((await stat(path)).ino)
    await until('met', () => intake.known().some((one) => decodeDescriptor(one.descriptor)?.inode === inode))
    for (let name = kept; name > 0; name -= 1) {
      await rename(bench.path(`audit.log.${name}`), bench.path(`audit.log.${name + 1}`))
    }
    await rename(path, bench.path('audit.log.1'))
    kept += 1
  }
}

test(`exactly once (SEED=${seed})`, async () => {
  await using bench = await Bench.create()
  const next = random(seed + 1)
  const lines = Array.from({ length: 500 }, (_, index) => `${index}-${'x'.repeat(next(400))}`)
  let { receiver, intake } = await bench.start(bounds)
  let writing = true
  const writer = write(bench, intake, lines).finally(() => {
    writing = false
  })
  while (writing) {
    const committed = intake.texts().length
    await until('progress', () => intake.texts().length > committed + next(20) || !writing)
    // Pressure makes a stop abort what is in flight, which is all that a kill leaves behind.
    if (next(2) === 0) intake.press()
    await receiver.stop()
    intake.relieve()
    ;({ receiver } = await bench.start({ ...bounds, intake, known: intake.known() }))
  }
  await writer
  await until(
    'all',
    () => intake.texts().length >= lines.length,
    () => intake.texts().length,
  )
  expect(intake.texts().sort()).toEqual([...lines].sort())
})
