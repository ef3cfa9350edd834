/** Include and exclude globs: which paths match, and which directories can hold a match at all. */
import { basename, dirname, resolve, sep } from 'node:path'
import { matchesGlob } from './glob.ts'

export interface IncludePattern {
  /** As the configuration has it: the reader's words. */
  readonly written: string
  readonly absolute: string
  /** The deepest directory without a wildcard: where watching begins. */
  readonly base: string
  /** It has wildcards, unless its name is meant as it is written. */
  readonly wild: boolean
}

const magic = /[*?[\]{}]|[!+@]\(/
/** Decisions kept per path; a directory full of other files must not cost a glob match per notification. */
const cacheLimit = 10_000

export class Patterns {
  readonly include: readonly IncludePattern[]
  readonly #exclude: readonly ((path: string) => boolean)[]
  readonly #matches = new Map<string, boolean>()
  readonly #admits: (path: string) => boolean

  /** @param admits asked each time about a path that matches: the answer may change. @default all of them */
  constructor(
    include: readonly string[],
    exclude: readonly string[],
    cwd = process.cwd(),
    admits: (path: string) => boolean = () => true,
  ) {
    this.#admits = admits
    this.include = include.map((written) => {
      const absolute = resolve(cwd, written)
      return { written, absolute, base: baseOf(absolute), wild: magic.test(absolute) }
    })
    this.#exclude = exclude.map((pattern) => {
      if (!pattern.includes('/')) return (path) => matchesGlob(basename(path), pattern)
      const absolute = resolve(cwd, pattern)
      return (path) => matchesGlob(path, absolute)
    })
  }

  matches(path: string): boolean {
    return this.#isNamed(path) && this.#admits(path)
  }

  #isNamed(path: string): boolean {
    const cached = this.#matches.get(path)
    if (cached !== undefined) return cached
    const result = this.include.some((one) => includes(one, path)) && !this.excludes(path)
    if (this.#matches.size >= cacheLimit) this.#matches.clear()
    this.#matches.set(path, result)
    return result
  }

  /** Whether `path` is to be left alone, whatever else would have it read. */
  excludes(path: string): boolean {
    return this.#exclude.some((one) => one(path))
  }

  /** Whether a file below `directory` could match: false prunes it from the watch. */
  mayHold(directory: string): boolean {
    return this.include.some((one) => leadsTo(one, directory))
  }
}

/** Whether `path` is named by `pattern`, be it literally. */
export function includes(pattern: IncludePattern, path: string): boolean {
  return path === pattern.absolute || matchesGlob(path, pattern.absolute)
}

function baseOf(absolute: string): string {
  if (!magic.test(absolute)) return dirname(absolute)
  const segments = absolute.split(sep)
  const first = segments.findIndex((segment) => magic.test(segment))
  return segments.slice(0, first).join(sep) || sep
}

function leadsTo(pattern: IncludePattern, directory: string): boolean {
  if (pattern.base === directory || pattern.base.startsWith(directory === sep ? sep : directory + sep))
    return true
  const wanted = pattern.absolute.split(sep)
  const given = directory.split(sep)
  for (const [index, segment] of given.entries()) {
    const part = wanted[index]
    // The last segment of a pattern names files, not directories.
    if (part === undefined || index === wanted.length - 1) return false
    // `**`, and braces or groups that span slashes, can lead anywhere.
    if (part.includes('**') || isUnbalanced(part)) return true
    if (segment !== part && !matchesGlob(segment, part)) return false
  }
  return true
}

function isUnbalanced(segment: string): boolean {
  const count = (text: string) => segment.split(text).length
  return count('{') !== count('}') || count('(') !== count(')')
}
