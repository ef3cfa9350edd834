/** The fenced blocks of every page that users read. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Block {
  /** `docs/sinks.md:8` */
  readonly name: string
  readonly page: string
  readonly text: string
}

/** Blocks whose info string is exactly `language`. */
export function blocksOf(language: string): Block[] {
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })]
  return pages.toSorted().flatMap((page) => {
    const markdown = readFileSync(join(root, page), 'utf8')
    return [...markdown.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm)]
      .filter(([, info]) => info === language)
      .map(({ 2: text = '', index }) => ({
        name: `${page}:${markdown.slice(0, index).split('\n').length}`,
        page,
        text: text.trim(),
      }))
  })
}
