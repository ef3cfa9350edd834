// For every test file: what a test has started, and not ended, ends behind it. What a hook started for several stays.
import { afterEach, beforeEach } from 'vitest'
import { killOthers, livingProcesses } from './processes.ts'

// Of tests that run beside each other nobody knows whose a process is: it ends behind the last of them.
let running = 0
let before = livingProcesses()

beforeEach(() => {
  if (running++ === 0) before = livingProcesses()
})

afterEach(() => {
  if (--running === 0) killOthers(before)
})
