/** docs/reliability.md: each known failure and each promise has its tests, and each test of a failure its row. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
/** A row's links: its own test first, then others that hold it too. */
const linksIn = (cell: string) => [...cell.matchAll(/\]\(\.\.\/([^)]+)\)/g)].flatMap(([, path]) => path ?? [])

const rows = [...page.matchAll(/^\| (\d+) \|.*\| ([^|]*)\|$/gm)].map(([, number, cell]) => ({
  number: String(number).padStart(2, '0'),
  links: linksIn(cell ?? ''),
}))

test('26 rows, in order, each with a test that is named after it', () => {
  const numbers = Array.from({ length: 26 }, (_, index) => String(index + 1).padStart(2, '0'))
  expect(rows.map(({ number }) => number)).toEqual(numbers)
  for (const { number, links } of rows) {
    expect(links[0]).toMatch(new RegExp(`^test/failures/${number}-[a-z0-9-]+\\.test\\.ts$`))
  }
})

test('links lead to tests, and no test of a failure is left out', () => {
  const named = readdirSync(join(root, 'test/failures')).filter((name) => name.endsWith('.test.ts'))
  expect(named.map((name) => `test/failures/${name}`).toSorted()).toEqual(
    rows.map(({ links }) => links[0] ?? '').toSorted(),
  )
  const all = [...page.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)].flatMap(([, path]) => path ?? [])
  expect(all.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('each promise names the tests that try to break it', () => {
  const promises = [...page.matchAll(/^\| (\d+)\. .*\| ([^|]*)\|$/gm)]
  expect(promises.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 11])
  for (const [row, , cell] of promises) expect(linksIn(cell ?? ''), row).not.toEqual([])
})
