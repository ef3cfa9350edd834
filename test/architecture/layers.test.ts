// Imports go down the layers of docs/architecture.md and never sideways: held by reading them, not by memory.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

const levels: Record<string, number> = {
  cli: 8,
  agent: 7,
  delivery: 6,
  receivers: 5,
  sinks: 5,
  normalise: 5,
  journal: 5,
  attribution: 4,
  routing: 4,
  shapes: 4,
  config: 3,
  telemetry: 3,
  cel: 2,
  pattern: 1,
  parquet: 2,
  event: 1,
}

/** What a neighbour may know without knowing the neighbour: types, and the pieces that all config schemas share. */
const contracts = new Set([
  'src/journal/contract.ts',
  'src/sinks/sink.ts',
  'src/receivers/receiver.ts',
  'src/config/values.ts',
])

const folderOf = (file: string) => {
  const [, folder, ...rest] = file.split('/')
  return rest.length === 0 ? undefined : folder
}

const shared = new Set(['sinks/transport', 'receivers/server'])

/** A receiver that is another one, guided by what others know. */
const builtOn: Readonly<Record<string, string>> = { 'receivers/kubernetes': 'receivers/file' }

/** Sinks and receivers are one folder each, and no two know each other; sinks share a transport, receivers a server. */
const componentOf = (file: string) => {
  const [, folder, component, ...rest] = file.split('/')
  if (shared.has(`${folder}/${component}`)) return undefined
  return (folder === 'sinks' || folder === 'receivers') && rest.length > 0
    ? `${folder}/${component}`
    : undefined
}

interface Import {
  readonly from: string
  readonly to: string
}

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!)
  return specifiers.map((to) => ({ from: file, to: normalize(join(dirname(file), to)) }))
}

const files = globSync('src/**/*.ts', { cwd: root }).map((file) => relative(root, join(root, file)))
const imports = files.flatMap(importsOf).filter(({ to }) => to.startsWith('src/'))

test('every folder of src/ has a level', () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== undefined))
  expect([...folders].filter((folder) => !(folder in levels))).toEqual([])
})

test('imports go down', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [above, below] = [folderOf(from), folderOf(to)]
    if (below === undefined || above === below || contracts.has(to)) return false
    return above === undefined || levels[above]! <= levels[below]!
  })
  expect(wrong).toEqual([])
})

test('no sink knows another, no receiver another', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [above, below] = [componentOf(from), componentOf(to)]
    if (below === undefined || above === undefined) return false
    return above !== below && builtOn[above] !== below
  })
  expect(wrong).toEqual([])
})

test('nothing re-exports whole modules', () => {
  const wrong = files.filter((file) => /^export \*/m.test(readFileSync(join(root, file), 'utf8')))
  expect(wrong).toEqual([])
})
