/** What `affiant test` is told to look at: mappings, files of tests beside them, configurations, directories of those. */
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { bareSpec } from '../agent/bare-spec.ts'
import { inspectAgentConfig } from '../agent/load.ts'
import type { Subject } from '../agent/mapping-tests.ts'
import { mappingOf, normaliserSpec } from '../agent/normaliser-specs.ts'
import { hashKeyOf } from '../attribution/keyed-hash.ts'
import { ConfigError } from '../config/problem.ts'
import { AffiantError } from '../errors.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { joiningOf } from '../normalise/joining.ts'
import { parseMapping } from '../normalise/mapping/parse-mapping.ts'
import { findPreset } from '../normalise/presets.ts'
import { fileReceiverConfig } from '../receivers/file/config.ts'
import { framingRules } from '../receivers/file/framing/rules.ts'
import { fileFault } from './file-fault.ts'
import {
  checkMapping,
  isConfiguration,
  type MappingFile,
  readMappingFile,
  readYamlFile,
  unknownMapping,
} from './mapping-file.ts'

/** So that a test gives the same hashes on every machine; whatever is hashed in it is no secret. */
const testKeys = [hashKeyOf(new Uint8Array(32))]

/** A mapping with its tests, and where they stand. */
export interface NamedSubject extends Subject {
  readonly where: string
}

/** @throws AffiantError, ConfigError for what cannot be read, or is wrong */
export async function subjectsOf(
  paths: readonly string[],
  presets: readonly string[],
): Promise<NamedSubject[]> {
  const subjects: NamedSubject[] = presets.map(presetSubject)
  for (const path of paths) {
    for (const file of await filesAt(path)) subjects.push(...(await fileSubjects(file)))
  }
  return subjects
}

function presetSubject(name: string): NamedSubject {
  const preset = findPreset(name)
  if (preset === undefined) throw unknownMapping(name)
  return { where: `preset ${name}`, ...subjectOf({ preset: name }, preset) }
}

/** A receiver that sets nothing beside its mapping. */
function subjectOf(mapping: NormaliserSpec['mapping'], raw: unknown): Subject {
  const receiver = fileReceiverConfig.parse({ type: 'file', include: ['test'] })
  const spec = bareSpec('test', mapping, testKeys)
  return { spec, framing: framingRules(receiver, joiningOf(mapping)), tests: testsOf(raw) }
}

function testsOf(raw: unknown): Subject['tests'] {
  return parseMapping(raw, findPreset).mapping?.tests ?? []
}

async function filesAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((thrown: unknown) => {
    throw new AffiantError('config_unreadable', `${path} cannot be read: ${fileFault(thrown)}`, {
      cause: thrown,
    })
  })
  if (!found.isDirectory()) return [path]
  const names = await readdir(path)
  const files = names.filter((name) => /\.ya?ml$/.test(name))
  if (files.length === 0) {
    throw new AffiantError('config_unreadable', `${path}: the directory holds no *.yaml or *.yml file`)
  }
  return files.toSorted().map((name) => join(path, name))
}

async function fileSubjects(path: string): Promise<readonly NamedSubject[]> {
  const file = await readYamlFile(path)
  const { raw } = file
  if (!isObject(raw)) return [mappingSubject(checkMapping(file))]
  if (isConfiguration(raw)) return await configurationSubjects(path)
  if (raw.mapping !== undefined || raw.preset !== undefined) return [await besideSubject(file, raw)]
  return [mappingSubject(checkMapping(file))]
}

function mappingSubject({ path, raw }: MappingFile): NamedSubject {
  return { where: path, ...subjectOf({ inline: raw }, raw) }
}

/** `{ mapping: FILE, tests }` or `{ preset: NAME, tests }`. */
async function besideSubject(
  file: MappingFile,
  raw: Readonly<Record<string, unknown>>,
): Promise<NamedSubject> {
  const { preset, mapping, tests, ...others } = raw
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw new ConfigError([
      file.problemAt([unknown], 'a file of tests has `tests`, and `mapping` or `preset`'),
    ])
  }
  const checked = checkMapping({ ...file, raw: { tests } })
  const own = testsOf(checked.raw)
  if (typeof preset === 'string' && mapping === undefined) {
    if (findPreset(preset) === undefined) {
      throw new ConfigError([file.problemAt(['preset'], said(unknownMapping(preset)))])
    }
    return { where: file.path, ...subjectOf({ preset }, {}), tests: own }
  }
  if (typeof mapping !== 'string' || preset !== undefined) {
    throw new ConfigError([
      file.problemAt(['mapping'], 'the path of a mapping belongs here, or `preset:` with a name'),
    ])
  }
  const named = await readMappingFile(resolve(dirname(file.path), mapping)).catch((thrown: unknown) => {
    const isUnreadable = thrown instanceof AffiantError && thrown.code === 'config_unreadable'
    throw isUnreadable ? new ConfigError([file.problemAt(['mapping'], thrown.message)]) : thrown
  })
  return { where: file.path, ...subjectOf({ inline: named.raw }, {}), tests: own }
}

/** Receivers with mappings of their own, with everything that the configuration sets around them. */
async function configurationSubjects(path: string): Promise<NamedSubject[]> {
  const { config, problems } = await inspectAgentConfig([path], { environment: false })
  if (config === undefined) throw new ConfigError(problems)
  return Object.entries(config.receivers).flatMap(([name, receiver]) => {
    if (receiver.mapping === undefined) return []
    const framing = framingRules(
      receiver.type === 'file' ? receiver : fileReceiverConfig.parse({ type: 'file', include: ['test'] }),
      joiningOf(mappingOf(receiver)),
    )
    const where = `${path}, receiver ${name}`
    return [
      { where, spec: normaliserSpec(config, name, [], testKeys), framing, tests: testsOf(receiver.mapping) },
    ]
  })
}

const said = ({ message, hint }: AffiantError): string =>
  hint === undefined ? message : `${message}; ${hint}`

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
