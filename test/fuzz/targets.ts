/** Everything that is fuzzed, by name. */
import { otlp } from './otlp.ts'
import type { FuzzTarget } from './target.ts'

export const targets: Readonly<Record<string, FuzzTarget>> = { otlp }
