/** The engine behind all patterns: RE2's syntax, in linear time. */
import { createRequire } from 'node:module'
import { asError } from '../errors.ts'

type Engine = typeof import('re2js').RE2JS

/** Loaded with the first pattern. */
let engine: Engine | undefined

/** @throws Error that says what is wrong with the pattern */
export function compileRe2(source: string): ReturnType<Engine['compile']> {
  if (engine === undefined) {
    const { RE2JS }: typeof import('re2js') = createRequire(import.meta.url)('re2js')
    engine = RE2JS
  }
  try {
    return engine.compile(source)
  } catch (thrown) {
    const reason = asError(thrown).message.replace(/^error parsing regexp: /, '')
    throw new Error(reason, { cause: thrown })
  }
}
