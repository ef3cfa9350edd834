// For every test file: what a test has started, and not ended, ends behind it. What a hook started for several stays.
import { afterEach, beforeEach } from 'vitest'
import { killOthers, livingProcesses } from './processes.ts'

let before = livingProcesses()

beforeEach(() => {
  before = livingProcesses()
})

afterEach(() => killOthers(before))
