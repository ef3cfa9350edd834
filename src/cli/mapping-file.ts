/** A mapping that a command is told of: a preset's name, or a file of one's own, whose faults are reported at their lines. */
import { readFile } from 'node:fs/promises'
import { nearest } from '../cel/nearest.ts'
import { parseYaml } from '../config/parse.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import { locate, type Node, plainValue } from '../config/tree.ts'
import { AffiantError, asError } from '../errors.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { parseMapping } from '../normalise/mapping/parse-mapping.ts'
import { findPreset, presetNames } from '../normalise/presets.ts'

/** @throws AffiantError usage unless there is exactly one of the two, ConfigError for a mapping that is wrong */
export async function chosenMapping(options: {
  readonly preset?: string
  readonly mapping?: string
}): Promise<NormaliserSpec['mapping']> {
  const { preset, mapping } = options
  if ((preset === undefined) === (mapping === undefined)) {
    throw new AffiantError(
      'usage',
      'say how to read the lines: with --preset or with --mapping, and not with both',
      {
        hint: '`affiant presets list` says which presets there are; --mapping takes a file with a mapping',
      },
    )
  }
  if (mapping !== undefined) return { inline: await readMappingFile(mapping) }
  if (findPreset(preset!) === undefined) throw unknownPreset(preset!)
  return { preset: preset! }
}

export function unknownPreset(name: string): AffiantError {
  const guess = nearest(name, presetNames())
  return new AffiantError('usage', `there is no preset ${JSON.stringify(name)}`, {
    hint: `${guess === undefined ? '' : `did you mean ${guess}? `}there are ${presetNames().join(', ')}`,
  })
}

/**
 * A mapping as it was written, checked.
 * @throws AffiantError `config_unreadable`, ConfigError with every problem at its line
 */
async function readMappingFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new AffiantError('config_unreadable', `the mapping cannot be read: ${asError(thrown).message}`, {
      cause: thrown,
    })
  })
  const { root, problems } = parseYaml(path, text)
  if (problems.length > 0) throw new ConfigError(problems)
  if (root === undefined) throw new ConfigError([problemAt(path, undefined, [], 'the file holds no mapping')])
  const raw = plainValue(root)
  const { problems: found = [] } = parseMapping(raw, findPreset)
  if (found.length === 0) return raw
  throw new ConfigError(found.map((problem) => problemAt(path, root, problem.path, problem.message)))
}

function problemAt(file: string, root: Node | undefined, path: Problem['path'], message: string): Problem {
  const position = root === undefined ? { file, line: 1, column: 1 } : locate(root, path, 'value')
  return { severity: 'error', position, path, message }
}
