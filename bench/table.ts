/** Tables as the README keeps them. */

export const figure = (n: number) => Math.round(n).toLocaleString('en-US')

export const print = (text: string) => process.stdout.write(`${text}\n`)

export const row = (cells: readonly (string | number)[]) => print(`| ${cells.join(' | ')} |`)

/** The line of a header, and the one below it: the first column is text, the others are numbers. */
export function heading(cells: readonly string[]): void {
  row(cells)
  row(cells.map((_, index) => (index === 0 ? '---' : '--:')))
}
