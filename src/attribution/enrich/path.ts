/** What the path of a file says: the tenant whose directory it is in, the service that it is named after. */
import { asError } from '../../errors.ts'
import type { StreamContext } from '../../event/record.ts'
import { compilePattern, type Pattern } from '../../pattern/pattern.ts'
import { type Additions, nothingToAdd, type StreamEnricher } from './contract.ts'
import { remember } from './remember.ts'
import { compileSetter, membersSet, type SetSpec } from './setter.ts'

export interface PathSpec {
  /** RE2 whose named groups are what `set` names; matches anywhere in the path. */
  readonly pattern?: string | undefined
  /** A whole path with `{name}`, `*` and `**`. */
  readonly template?: string | undefined
  readonly set: SetSpec
}

export function pathEnricher({ pattern, template, set }: PathSpec): StreamEnricher {
  const compiled = compilePattern(pattern ?? templatePattern(template ?? ''))
  // A name that does not fit its member says nothing.
  const setter = compileSetter(set, ';', () => {})
  return {
    kind: 'path',
    reads: 'stream',
    sets: membersSet(set),
    version: 0,
    additionsFor: ofPath((path) => {
      const match = compiled.exec(path)
      return match === undefined ? nothingToAdd : setter((name) => match[compiled.names.get(name) ?? -1])
    }),
  }
}

/** Of a stream that is no file nothing is known. */
export function ofPath(
  find: (path: string) => Additions,
  version?: () => number,
): (stream: StreamContext) => Additions {
  const found = remember(find, version)
  return ({ path }) => (path === undefined ? nothingToAdd : found(path))
}

/** What is wrong with an entry, or undefined. */
export function pathProblem({ pattern, template, set }: PathSpec): string | undefined {
  if ((pattern === undefined) === (template === undefined)) return 'needs either `pattern` or `template`'
  const wrong = template === undefined ? undefined : templateProblem(template)
  if (wrong !== undefined) return `template: ${wrong}`
  let compiled: Pattern
  try {
    compiled = compilePattern(pattern ?? templatePattern(template ?? ''))
  } catch (thrown) {
    return `${pattern === undefined ? 'template' : 'pattern'}: ${asError(thrown).message}`
  }
  const unknown = Object.values(set).find((name) => !compiled.names.has(name))
  if (unknown === undefined) return undefined
  const names = [...compiled.names.keys()]
  return `there is no ${JSON.stringify(unknown)} in it${names.length > 0 ? `, but ${names.join(', ')}` : ''}`
}

function templateProblem(template: string): string | undefined {
  const names = new Set<string>()
  for (const { 0: brace, 1: name, index } of template.matchAll(/\{([^{}/]*)\}|[{}]/g)) {
    const at = `character ${index + 1} of ${JSON.stringify(template)}`
    if (name === undefined) {
      return brace === '{'
        ? `the { at ${at} is not closed within a name: a part is written {name}`
        : `the } at ${at} closes nothing: a part is written {name}`
    }
    if (!/^\w+$/.test(name)) {
      return `${brace} at ${at} is no name of letters, digits and _ (a path with braces in it needs a pattern)`
    }
    if (names.has(name)) return `${brace} at ${at} is there already: each name stands for one part`
    names.add(name)
  }
  return undefined
}

/** `{name}` and `*` stand for a part of one name, `**` for any number of directories. */
function templatePattern(template: string): string {
  const parts = template.split(/(\{\w+\}|\*\*\/?|\*)/)
  const body = parts.map((part) => {
    if (part === '*') return '[^/]*'
    if (part === '**' || part === '**/') return part === '**' ? '.*' : '(?:.*/)?'
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    return name === undefined ? part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&') : `(?P<${name}>[^/]+)`
  })
  return `^${body.join('')}$`
}
