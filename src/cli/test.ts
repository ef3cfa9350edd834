/** `affiant test`: whether mappings make of their examples what they say. */
import picocolors from 'picocolors'
import { runMappingTests } from '../agent/mapping-tests.ts'
import { AffiantError } from '../errors.ts'
import { renderJunit } from './test-junit.ts'
import { renderResults, type TestedSubject } from './test-render.ts'
import { subjectsOf } from './test-subjects.ts'

interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface TestOptions {
  readonly paths: readonly string[]
  readonly presets: readonly string[]
  readonly format: string
  readonly out: Output
}

const formats = ['text', 'json', 'junit']

/** 0 when every test passes, 1 when one fails or there is none. Throws for what cannot be read, or is wrong. */
export async function testCommand({ paths, presets, format, out }: TestOptions): Promise<0 | 1> {
  if (!formats.includes(format)) {
    throw new AffiantError('usage', `${JSON.stringify(format)} is no format: ${formats.join(', ')}`)
  }
  if (paths.length + presets.length === 0) {
    throw new AffiantError('usage', 'nothing to test', {
      hint: 'name mappings, files of tests, configurations or directories of them; or --preset NAME',
    })
  }
  const tested: TestedSubject[] = []
  for (const subject of await subjectsOf(paths, presets)) {
    tested.push({ where: subject.where, results: await runMappingTests(subject) })
  }
  const colors = picocolors.isColorSupported && out.isTTY === true
  if (format === 'json') out.write(`${JSON.stringify(tested, null, 2)}\n`)
  else out.write(format === 'junit' ? renderJunit(tested) : renderResults(tested, { colors }))
  const results = tested.flatMap((subject) => subject.results)
  return results.length > 0 && results.every(({ passed }) => passed) ? 0 : 1
}
