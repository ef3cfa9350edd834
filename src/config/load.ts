/** Files to a checked configuration: read, parse, merge, interpolate, validate, cross-check; all problems at once. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { type MergeRules, mergeTrees } from './merge.ts'
import { once } from './once.ts'
import { parseYaml } from './parse.ts'
import { ConfigError, type Finding, inReadingOrder, type Problem, printPath } from './problem.ts'
import type { Checked } from './refit.ts'
import { type Environment, type Resolved, resolveTree } from './resolve.ts'
import { readSources } from './sources.ts'
import { locate, type MapNode, plainValue } from './tree.ts'

/** What a configuration is: given by the composition root, which alone knows the components. */
export interface ConfigShape<T> {
  /** Of everything there is: for messages, which say what else could stand there. */
  readonly schema: () => Promise<z.ZodType<T>>
  /** Of no more than this value needs, as long as nothing is wrong with it; undefined where that is everything. */
  readonly part?: (value: unknown) => Promise<z.ZodType<T> | undefined>
  readonly rules: MergeRules
  /** Sections to look at, where not all: what the others refer to is not looked up. */
  readonly only?: readonly string[]
  /** What no single component can see. Is given what was written, valid or not, after interpolation. */
  readonly check: (input: unknown) => readonly Finding[] | Promise<readonly Finding[]>
}

export interface LoadOptions {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** For `${file:…}`. @default node:fs */
  readonly readFile?: (path: string) => Promise<Buffer>
}

export interface InspectOptions extends LoadOptions {
  /**
   * False: nothing outside the files is looked up; references without a default stand for any fitting value.
   * @default true
   */
  readonly environment?: boolean
}

export interface LoadedConfig<T> {
  readonly config: T
  readonly warnings: readonly Problem[]
  /** Every file that was read, in order. */
  readonly files: readonly string[]
  /** As written, before interpolation: safe to print. */
  readonly written: unknown
  /** SHA-256 (hex) of `written` as JSON: says whether the configuration changed, and no secret. */
  readonly hash: string
}

export interface Inspection<T> extends Omit<LoadedConfig<T>, 'config' | 'warnings'> {
  /** Absent when there are errors, or when a placeholder stands where only the real value would fit. */
  readonly config: T | undefined
  /** Errors and warnings, in reading order. */
  readonly problems: readonly Problem[]
}

/** Throws `ConfigError` with every problem, and `config_unreadable` for files that cannot be read. */
export async function load<T>(
  paths: readonly string[],
  shape: ConfigShape<T>,
  options: LoadOptions = {},
): Promise<LoadedConfig<T>> {
  const { config, problems, ...rest } = await inspect(paths, shape, options)
  if (config === undefined) throw new ConfigError(problems)
  return { ...rest, config, warnings: problems }
}

/** All that is wrong, as a value; throws only `config_unreadable`. */
export async function inspect<T>(
  paths: readonly string[],
  shape: ConfigShape<T>,
  options: InspectOptions = {},
): Promise<Inspection<T>> {
  const sources = await readSources(paths)
  const files = sources.map(({ file }) => file)
  const parsed = sources.map(({ file, text }) => parseYaml(file, text))
  const roots = parsed.flatMap(({ root }) => root ?? [])
  const merged = mergeTrees(roots, { file: files[0] ?? '', line: 1, column: 1 }, shape.rules)
  const written = plainValue(merged.root)
  const hash = createHash('sha256').update(JSON.stringify(written)).digest('hex')

  // A file that is not YAML says nothing about the rest: whatever would follow could be its fault.
  const broken = parsed.flatMap(({ problems }) => problems)
  if (broken.length > 0) return { config: undefined, problems: inReadingOrder(broken), files, written, hash }

  const resolved = await resolveTree(sectionsOf(merged.root, shape.only), environmentOf(options))
  const checked = await validate(shape, resolved)
  const findings = dropRepeats([
    ...resolved.findings,
    ...checked.findings,
    ...(await shape.check(checked.value)),
  ])
  const problems = inReadingOrder([
    ...merged.problems,
    ...findings.map((finding) => placed(finding, merged.root, resolved)),
  ])
  const wrong = problems.some(({ severity }) => severity === 'error')
  return { config: wrong ? undefined : checked.config, problems, files, written, hash }
}

function sectionsOf(root: MapNode, only: readonly string[] | undefined): MapNode {
  if (only === undefined) return root
  return { ...root, entries: new Map(Array.from(root.entries).filter(([key]) => only.includes(key))) }
}

function environmentOf(options: InspectOptions): Environment | undefined {
  if (options.environment === false) return undefined
  return {
    variables: options.env ?? process.env,
    readFile: options.readFile ?? ((path: string) => readFile(path)),
  }
}

async function validate<T>(shape: ConfigShape<T>, resolved: Resolved): Promise<Checked<T>> {
  const value = plainValue(resolved.root)
  const part = (await shape.part?.(value))?.safeParse(value, once)
  if (part?.success === true) return { config: part.data, value, findings: [] }
  const schema = await shape.schema()
  const first = schema.safeParse(value, once)
  if (first.success) return { config: first.data, value, findings: [] }
  // Most configurations are right.
  const { refit } = await import('./refit.ts')
  return refit(schema, resolved, value, first.error.issues)
}

function placed(finding: Finding, root: MapNode, resolved: Resolved): Problem {
  const { severity, path, at } = finding
  let { message } = finding
  // Messages of checks may quote the value they are about; one that came from outside is shown as it was written.
  const supplied = resolved.supplied.get(printPath(path))
  if (supplied !== undefined && supplied.value.length > 2) {
    const { value, written } = supplied
    message = message
      .split(written)
      .map((part) => part.replaceAll(value, written))
      .join(written)
  }
  return { severity, path, message, position: locate(root, path, at) }
}

/** A schema and a cross-check can find the same fault in the same place: the first to say so is heard. */
function dropRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ path, severity, message }) => {
    const key = `${severity} ${printPath(path)} ${message}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
