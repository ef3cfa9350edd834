/** docs/reliability.md: each failure that collectors are known for has its test, and each such test its row. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
const rows = [...page.matchAll(/^\| (\d+) \|.*\| (?:\[[^\]]+\]\((.*)\))? ?\|$/gm)].map(
  ([, number, link]) => ({
    number: Number(number),
    link,
  }),
)

/** Rows whose test is still being written. */
const open = [3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 19, 21, 22, 23]

test('26 rows, in order, each with its test', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 26 }, (_, index) => index + 1))
  expect(rows.filter(({ link }) => link === undefined).map(({ number }) => number)).toEqual(open)
})

test('links lead to the tests of their rows, and no test is left out', () => {
  const linked = rows.flatMap(({ number, link }) => (link === undefined ? [] : [{ number, link }]))
  for (const { number, link } of linked) {
    expect(link).toMatch(
      new RegExp(`^\\.\\./test/(failures|long)/${String(number).padStart(2, '0')}-[a-z0-9-]+\\.test\\.ts$`),
    )
  }
  const names = linked.map(({ link }) => link.replace('../', ''))
  const tests = ['test/failures', 'test/long'].flatMap((directory) =>
    readdirSync(join(root, directory))
      .filter((name) => /^\d\d-.*\.test\.ts$/.test(name))
      .map((name) => `${directory}/${name}`),
  )
  expect(tests.toSorted()).toEqual(names.toSorted())
})
