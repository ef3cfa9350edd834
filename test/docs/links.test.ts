/** Whoever reads finds the way: each page is in the index, and each link between our own files leads somewhere. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const pages = [
  ...globSync('*.md', { cwd: root }),
  ...globSync('{docs,bench,deploy,demo,test}/**/*.md', { cwd: root }),
].filter((page) => !page.includes('node_modules/') && !page.startsWith('test/fixtures/'))

const textOf = new Map<string, string>()
/** Without what stands in fenced blocks. */
const prose = (page: string): string => {
  const known = textOf.get(page)
  if (known !== undefined) return known
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')
  textOf.set(page, text)
  return text
}

interface Link {
  readonly from: string
  readonly to: string
  readonly anchor: string
}

/** Links of a page to files of the repository, as paths from its root. */
const linksOf = (page: string): Link[] =>
  [...prose(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path = '', anchor = '']) => ({
    from: page,
    to: path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, ''),
    anchor,
  }))

/** What can stand behind `#`, as GitHub makes it of headings; and what a page names itself. */
function anchorsOf(page: string): ReadonlySet<string> {
  const found = new Set([...prose(page).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id))
  const times = new Map<string, number>()
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-')
    const before = times.get(slug) ?? 0
    times.set(slug, before + 1)
    found.add(before === 0 ? slug : `${slug}-${before}`)
  }
  return found
}

const shown = ({ from, to, anchor }: Link) => `${from}: ${to}${anchor === '' ? '' : `#${anchor}`}`

test('links lead to files that are there', () => {
  const links = pages.flatMap(linksOf)
  expect(links.length).toBeGreaterThan(300)
  expect(links.filter(({ to }) => !existsSync(join(root, to))).map(shown)).toEqual([])
})

test('anchors are headings of the page that they lead to', () => {
  const links = pages.flatMap(linksOf).filter(({ to, anchor }) => anchor !== '' && to.endsWith('.md'))
  expect(links.length).toBeGreaterThan(50)
  const lost = links.filter(({ to, anchor }) => existsSync(join(root, to)) && !anchorsOf(to).has(anchor))
  expect(lost.map(shown)).toEqual([])
})

test('the index has every page, and the README has the index', () => {
  const listed = new Set(linksOf('docs/README.md').map(({ to }) => to))
  expect(linksOf('README.md').map(({ to }) => to)).toContain('docs/README.md')
  const all = globSync('docs/**/*.md', { cwd: root }).filter((page) => page !== 'docs/README.md')
  // What is many of a kind is listed by a page, or a folder, of its own.
  const below = (page: string) =>
    listed.has(dirname(page)) || linksOf(`${dirname(page)}.md`).some(({ to }) => to === page)
  const missing = all.filter((page) => !listed.has(page) && !(dirname(page) !== 'docs' && below(page)))
  expect(missing).toEqual([])
})
