/** What is wrong with a configuration, and where: gathered first, reported all at once. */
import { AffiantError } from '../errors.ts'

/** Line and column count from 1, as editors do. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

export type Path = readonly (string | number)[]

/** A problem before it has a place: `at` says whether the key or the value of `path` is to blame. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly at: 'key' | 'value'
  readonly message: string
}

export interface Problem {
  readonly severity: 'error' | 'warning'
  /** Absent where no file holds the place, as when there is no file at all. */
  readonly position: Position | undefined
  readonly path: Path
  readonly message: string
}

/** `sinks.hook.url`, `routes[2].when`, `receivers.app.mapping."actor.id"`. */
export function printPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += `${text === '' ? '' : '.'}${/^[\w-]+$/.test(step) ? step : JSON.stringify(step)}`
  }
  return text
}

/** `config/app.yaml:12:5  sinks.hook.urll: unknown key. …`; parts that are unknown are left out. */
export function printProblem(problem: Problem): string {
  const { position, path, message } = problem
  const place = position === undefined ? '' : `${position.file}:${position.line}:${position.column}  `
  const subject = path.length === 0 ? '' : `${printPath(path)}: `
  return `${place}${subject}${message}`
}

/** In the order of the files as they were named, then from top to bottom; errors before warnings of one place. */
export function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const files: string[] = []
  for (const { position } of problems)
    if (position !== undefined && !files.includes(position.file)) files.push(position.file)
  return problems.toSorted(
    (a, b) =>
      (a.position === undefined ? -1 : files.indexOf(a.position.file)) -
        (b.position === undefined ? -1 : files.indexOf(b.position.file)) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
      Number(a.severity > b.severity) - Number(a.severity < b.severity),
  )
}

/** Thrown by loading: `problems` holds every error and warning, in reading order. */
export class ConfigError extends AffiantError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const ordered = inReadingOrder(problems)
    super('config_invalid', ordered.map(printProblem).join('\n'))
    this.name = 'ConfigError'
    this.problems = ordered
  }
}
