/** Everything that is fuzzed, by name. */
import { block } from './block.ts'
import { decoders } from './decoders.ts'
import { gzip } from './gzip.ts'
import { multiline } from './multiline.ts'
import { otlp } from './otlp.ts'
import type { FuzzTarget } from './target.ts'

export const targets: Readonly<Record<string, FuzzTarget>> = { block, decoders, gzip, multiline, otlp }
