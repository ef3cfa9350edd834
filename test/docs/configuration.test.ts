/** Every configuration that the documentation shows is one that the agent takes. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inspectAgentConfig } from '../../src/agent/load.ts'
import { renderProblems } from '../../src/config/render.ts'

const pages = [
  'README.md',
  ...(await readdir('docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
]

/** Whole configurations: the YAML blocks that say what comes in and where it goes. */
async function examples(): Promise<{ name: string; text: string }[]> {
  const found: { name: string; text: string }[] = []
  for (const page of pages) {
    const markdown = await readFile(page, 'utf8')
    for (const { 1: text = '', index } of markdown.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)) {
      if (!/^receivers:/m.test(text) || !/^sinks:/m.test(text)) continue
      found.push({ name: `${page}:${markdown.slice(0, index).split('\n').length}`, text })
    }
  }
  return found
}

const all = await examples()

test('there are some', () => {
  expect(all.map(({ name }) => name.split(':')[0])).toEqual(
    expect.arrayContaining(['README.md', 'docs/configuration.md']),
  )
})

test.each(all)('$name', async ({ text }) => {
  const folder = await mkdtemp(join(tmpdir(), 'affiant-docs-'))
  try {
    const file = join(folder, 'affiant.yaml')
    await writeFile(file, text)
    const { problems } = await inspectAgentConfig([file], { environment: false })
    expect(renderProblems(problems, { colors: false }).trim()).toBe('')
  } finally {
    await rm(folder, { recursive: true })
  }
})
