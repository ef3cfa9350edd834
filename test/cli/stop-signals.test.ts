import { once } from 'node:events'
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { stopSignals } from '../../src/cli/stop-signals.ts'

/** Longer than what counts as one request. */
const long = 350

function listening() {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const signals = stopSignals()
  onTestFinished(() => {
    signals.release()
    vi.restoreAllMocks()
  })
  return { signals, exit, said }
}

/** As work does that lets nobody be heard. */
function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('the first stops, one right behind it is of the same request, and one that comes later ends at once', async () => {
  const { signals, exit, said } = listening()
  process.kill(process.pid, 'SIGTERM')
  await signals.stopped
  expect(signals.name).toBe('SIGTERM')
  expect(signals.first.aborted).toBe(true)
  process.kill(process.pid, 'SIGINT')
  await once(process, 'SIGINT')
  expect(exit).not.toHaveBeenCalled()
  await pause(long)
  await setImmediate()
  process.kill(process.pid, 'SIGINT')
  await once(process, 'SIGINT')
  expect(said.mock.calls.join()).toContain('affiant: SIGINT again: stopping at once')
  expect(exit).toHaveBeenCalledExactlyOnceWith(130)
})

test('one that came right behind the first is of the same request, however late it is heard', async () => {
  const { signals, exit } = listening()
  process.kill(process.pid, 'SIGTERM')
  await signals.stopped
  const heard = once(process, 'SIGTERM')
  process.kill(process.pid, 'SIGTERM')
  busy(long)
  await heard
  expect(exit).not.toHaveBeenCalled()
})
