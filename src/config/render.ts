/** Problems as a terminal shows them. */
import picocolors from 'picocolors'
import { type Problem, printPath } from './problem.ts'

/** One line a problem, and a last line that counts them. Ends with a newline. */
export function renderProblems(
  problems: readonly Problem[],
  { colors }: { readonly colors: boolean },
): string {
  const paint = picocolors.createColors(colors)
  const lines = problems.map(({ severity, position, path, message }) => {
    const place = position === undefined ? '' : `${position.file}:${position.line}:${position.column}`
    const subject = path.length === 0 ? '' : `${paint.bold(printPath(path))}: `
    const kind = severity === 'warning' ? paint.yellow('warning: ') : ''
    return `${paint.dim(place)}${place === '' ? '' : '  '}${kind}${subject}${message}`
  })
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const counts = [counted(errors, 'error'), counted(warnings, 'warning')].filter((part) => part !== '')
  return `${lines.join('\n')}\n${counts.length === 0 ? '' : paint.dim(counts.join(', '))}\n`
}

const counted = (count: number, word: string): string =>
  count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`
