/** A mapping that a command is told of: a preset's name, or a file of one's own, whose faults are reported at their lines. */
import { readFile } from 'node:fs/promises'
import { nearest } from '../cel/nearest.ts'
import { parseYaml } from '../config/parse.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import { locate, plainValue } from '../config/tree.ts'
import { AffiantError } from '../errors.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { parseMapping } from '../normalise/mapping/parse-mapping.ts'
import { findPreset, presetChoices, presetNames } from '../normalise/presets.ts'
import { fileFault } from './file-fault.ts'

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
  if (mapping !== undefined) return { inline: (await readMappingFile(mapping)).raw }
  if (!presetChoices().includes(preset!)) throw unknownPreset(preset!)
  return { preset: preset! }
}

function unknownPreset(name: string, choices = presetChoices()): AffiantError {
  const guess = nearest(name, choices)
  return new AffiantError('usage', `there is no preset ${JSON.stringify(name)}`, {
    hint: `${guess === undefined ? '' : `did you mean ${guess}? `}there are ${choices.join(', ')}`,
  })
}

/** Of a name that no mapping has: `auto` chooses one, and is none. */
export function unknownMapping(name: string): AffiantError {
  if (name !== 'auto') return unknownPreset(name, presetNames())
  return new AffiantError('usage', 'auto is no mapping of its own: it chooses a preset for each file', {
    hint: `name one of ${presetNames().join(', ')}`,
  })
}

/** YAML of a file, with the places of what it says. */
export interface MappingFile {
  readonly path: string
  readonly raw: unknown
  problemAt(path: Problem['path'], message: string): Problem
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (thrown) {
    throw new AffiantError('config_unreadable', `${path} cannot be read: ${fileFault(thrown)}`, {
      cause: thrown,
    })
  }
}

/** @throws AffiantError `config_unreadable`, ConfigError for what is no YAML */
export async function readYamlFile(path: string): Promise<MappingFile> {
  const text = await readText(path)
  const { root, problems } = parseYaml(path, text)
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    path,
    raw: root === undefined ? undefined : plainValue(root),
    problemAt(at, message) {
      const position = root === undefined ? { file: path, line: 1, column: 1 } : locate(root, at, 'value')
      return { severity: 'error', position, path: at, message }
    },
  }
}

/** @throws ConfigError with every problem of the mapping at its line */
export function checkMapping(file: MappingFile): MappingFile {
  if (file.raw === undefined) throw new ConfigError([file.problemAt([], 'the file holds no mapping')])
  if (isConfiguration(file.raw)) {
    const message = 'this is a configuration: a file of its own has what stands below `mapping` of a receiver'
    throw new ConfigError([file.problemAt([], message)])
  }
  const { problems = [] } = parseMapping(file.raw, findPreset)
  if (problems.length === 0) return file
  throw new ConfigError(problems.map(({ path, message }) => file.problemAt(path, message)))
}

export const isConfiguration = (raw: unknown): boolean =>
  typeof raw === 'object' && raw !== null && ('receivers' in raw || 'sinks' in raw)

/** A mapping as it was written, checked. */
export async function readMappingFile(path: string): Promise<MappingFile> {
  return checkMapping(await readYamlFile(path))
}
