/**
 * Globs, as `node:path` has them. Those that have no more than `*` and `?` need no library, and most have no more: the
 * library that Node loads for its first glob takes 5 MiB.
 */
import { matchesGlob as matchesAnyGlob } from 'node:path'

/** Compiled: of a configuration, few. */
const compiled = new Map<string, RegExp | undefined>()

export function matchesGlob(path: string, glob: string): boolean {
  let pattern = compiled.get(glob)
  if (pattern === undefined && !compiled.has(glob)) {
    pattern = simpleGlob(glob)
    compiled.set(glob, pattern)
  }
  return pattern === undefined || !isPlain(path) ? matchesAnyGlob(path, glob) : pattern.test(path)
}

/**
 * Nothing that the library would take for something else: `.` and `..` as parts, parts without a name, characters of two
 * code units.
 */
const isPlain = (path: string): boolean =>
  !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path.slice(1)) && !/[\ud800-\udfff]/.test(path)

/** Undefined where there is more to it. */
function simpleGlob(glob: string): RegExp | undefined {
  if (/[[\]{}()!+@\\#]|\*\*/.test(glob) || !isPlain(glob)) return undefined
  return new RegExp(`^${glob.split('/').map(segment).join('/')}$`, 'su')
}

/** A wildcard at the beginning takes no dot: files that hide are named. */
function segment(part: string): string {
  const text = part
    .replaceAll(/[$^.|]/g, '\\$&')
    .replaceAll('?', '[^/]')
    .replaceAll('*', '[^/]*')
  const hides = /^[*?]/.test(part) ? '(?!\\.)' : ''
  return part === '*' ? `${hides}[^/]+` : hides + text
}
