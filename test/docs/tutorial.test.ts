// The tutorial, step by step as a reader would: files are written, commands typed, and what they print is what the page shows.
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { chosenMapping } from '../../src/cli/mapping-file.ts'
import { normalizeCommand } from '../../src/cli/normalize.ts'
import { testCommand } from '../../src/cli/test.ts'
import { ConfigError } from '../../src/config/problem.ts'
import { renderProblems } from '../../src/config/render.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { invalid } from '../normalise/normalising.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/tutorial-mapping.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm)].map(
  ({ 1: info = '', 2: text = '', index }) => ({
    info,
    text,
    line: page.slice(0, index).split('\n').length,
  }),
)

const directory = new WorkDirectory()
const home = process.cwd()
process.chdir(directory.path)
afterAll(() => {
  process.chdir(home)
  directory[Symbol.dispose]()
})

interface Printed {
  readonly code: number
  readonly out: string
  /** Standard output and error, without the events. */
  readonly said: string
}

/** Commands that the page may use. */
async function type(command: string): Promise<Printed> {
  const said: string[] = []
  const [, mapping, input] = /^npx affiant normalize --mapping (\S+) < (\S+)$/.exec(command) ?? []
  if (mapping !== undefined && input !== undefined) {
    const out: string[] = []
    const into = (parts: string[]) =>
      new Writable({
        write(chunk: Buffer, _, done) {
          parts.push(chunk.toString())
          done()
        },
      })
    try {
      const code = await normalizeCommand({
        mapping: await chosenMapping({ mapping }),
        input: createReadStream(input),
        output: into(out),
        errors: into(said),
      })
      return { code, out: out.join(''), said: said.join('') }
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      return { code: 78, out: '', said: renderProblems(thrown.problems, { colors: false }) }
    }
  }
  const [, path] = /^npx affiant test (\S+)$/.exec(command) ?? []
  if (path === undefined) throw new Error(`no command of the tutorial: ${command}`)
  const write = (text: string) => said.push(text)
  const code = await testCommand({ paths: [path], presets: [], format: 'text', out: { write } })
  return { code, out: '', said: said.join('') }
}

describe('docs/tutorial-mapping.md', () => {
  test('mappings have fifteen lines, more or less', () => {
    const mappings = blocks.filter(({ info }) => info === 'yaml file=ledger.yaml')
    expect(Math.max(...mappings.map(({ text }) => text.trimEnd().split('\n').length))).toBeLessThanOrEqual(15)
  })

  let printed: Printed | undefined
  test.each(blocks)('line $line: $info', async ({ info, text }) => {
    const [, name, append] = /^\w+ file=(\S+)( append)?$/.exec(info) ?? []
    if (name !== undefined) {
      directory.write(name, append === undefined ? text : readFileSync(directory.at(name), 'utf8') + text)
    } else if (info.startsWith('sh step')) {
      printed = await type(text.trim())
      expect(printed.code === 0, printed.said).toBe(info === 'sh step')
      for (const line of printed.out.trimEnd().split('\n')) {
        if (line !== '') expect(invalid(JSON.parse(line))).toBeUndefined()
      }
    } else if (info === 'json event') {
      const [first = ''] = printed!.out.split('\n')
      const expected: Readonly<Record<string, unknown>> = JSON.parse(text)
      expect(JSON.parse(first)).toMatchObject(expected)
      if (expected.unmapped !== undefined) expect(JSON.parse(first).unmapped).toEqual(expected.unmapped)
    } else if (info === 'text output') expect(printed!.said.trimEnd()).toBe(text.trimEnd())
    else expect(info, 'held by fragments.test.ts').toBe('yaml')
  })
})
