/** What parts of a mapping are read with: where they stand, what is wrong with them, and how they name what they read. */
import type { MappingProblem, Reference } from './mapping.ts'
import { type Path, parsePath, type Segment } from './path.ts'
import type { TargetType } from './targets.ts'

export type At = readonly (string | number)[]

/** Collects what is wrong, so that all of it is reported at once. */
export class Problems {
  readonly list: MappingProblem[] = []

  add(path: At, message: string): void {
    this.list.push({ path, message })
  }
}

export interface ValueContext {
  readonly problems: Problems
  /** What the target takes. */
  readonly type: TargetType
  /** Where paths begin: the element within `each`. */
  readonly base: Path['base']
  /** What paths of the record are below. */
  readonly under: readonly Segment[]
  /** What is one of the values that `all` gathers: a list is as good. */
  readonly isGathered?: boolean
  /** IANA zone of times without an offset. */
  readonly zone: string | undefined
}

/** `user.id`, `$name`, or `$key` within `each`; `roles[*].name` where `lists` are taken. */
export function parseReference(
  text: string,
  at: At,
  context: Omit<ValueContext, 'type'>,
  lists = false,
): Reference | undefined {
  if (text === '$key' && context.base === 'element') return { kind: 'key' }
  if (text.startsWith('$') && !text.startsWith('$.')) return { kind: 'variable', name: text.slice(1) }
  const parsed = parsePath(text, context.base, context.under, lists)
  if ('path' in parsed) return { kind: 'path', path: parsed.path }
  context.problems.add(at, parsed.problem)
  return undefined
}

/** Whether what is read may be a list. */
export function takesLists({ type, isGathered = false }: ValueContext): boolean {
  return isGathered || type.kind === 'texts' || type.kind === 'any'
}

export function addProblem(
  { problems }: Pick<ValueContext, 'problems'>,
  at: At,
  problem: string | undefined,
): void {
  if (problem !== undefined) problems.add(at, problem)
}
