/** How much garbage V8 may let pile up. */
import { setFlagsFromString } from 'node:v8'
import type { AgentConfig } from '../agent/config.ts'

/**
 * Milliseconds. While it starts, nearly all that is new stays in use: collections are a sixth of what starting costs, for
 * nothing. With very many files that takes seconds, and garbage with them.
 */
const started = 250

/**
 * Under load, V8 lets garbage grow to as much as is in use, or more, before it collects: with 10,000 files, that is a large
 * part of the agent's memory. At 40 %, one file's lines cost as many collections as before; at 20 %, twice that. Requests
 * bring memory of their own for each body and its events, which counts as well: at 40 % they cost twice the collections of
 * 100 %, a tenth of what an OTLP receiver has to do.
 */
export function boundHeapGrowth({ receivers }: Pick<AgentConfig, 'receivers'>): void {
  const onlyFiles = Object.values(receivers).every(({ type }) => type === 'file')
  const percent = onlyFiles ? 40 : 100
  setTimeout(() => setFlagsFromString(`--heap-growing-percent=${percent}`), started).unref()
}
