/** What makes a running agent read its configuration again: SIGHUP, and, where it is asked for, a change of the files. */
import { isatty } from 'node:tty'
import type { ReloadRequest } from '../agent/reloads.ts'
import { systemClock } from '../clock.ts'
import { watchSources } from '../config/watch-sources.ts'

export interface ReloadCauses {
  /** From here on causes count; one that came before does now. */
  begin(reload: (request: ReloadRequest) => Promise<unknown>): void
  release(): Promise<void>
}

/**
 * @param watched files and directories to look at; none: only the signal counts
 * @param hungUp called when the terminal that the process was started on is gone: nobody means a reload by that
 */
export function reloadCauses(watched: readonly string[], hungUp: () => void): ReloadCauses {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  const over = new AbortController()
  let reload: ((request: ReloadRequest) => Promise<unknown>) | undefined
  let watching = Promise.resolve()
  let isEarly = false

  const onHangup = () => {
    if (terminals.some((fd) => !isatty(fd))) hungUp()
    else if (reload === undefined) isEarly = true
    else void reload({ trigger: 'signal' })
  }
  process.on('SIGHUP', onHangup)
  return {
    begin: (next) => {
      reload = next
      if (isEarly) void next({ trigger: 'signal' })
      if (watched.length === 0) return
      const changed = () => next({ trigger: 'watch' })
      watching = watchSources({ paths: watched, clock: systemClock, changed }, over.signal)
    },
    release: async () => {
      process.off('SIGHUP', onHangup)
      over.abort()
      await watching
    },
  }
}
