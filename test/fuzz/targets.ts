/** Everything that is fuzzed, by name. */
import { block } from './block.ts'
import { gzip } from './gzip.ts'
import { lines } from './lines.ts'
import { multiline } from './multiline.ts'
import { otlp } from './otlp.ts'
import type { FuzzTarget } from './target.ts'

export const targets: Readonly<Record<string, FuzzTarget>> = { block, gzip, lines, multiline, otlp }
