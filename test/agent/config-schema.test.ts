/** The JSON Schema and the schemas it comes from agree on any change to a good configuration. */
import Ajv from 'ajv'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wholeConfig } from '../../src/agent/config.ts'
import { jsonSchemaOf } from '../../src/config/json-schema.ts'

const agentConfig = await wholeConfig()

const good = {
  agent: { id: 'a', data_dir: './data', workers: 2 },
  receivers: {
    app: {
      type: 'file',
      include: ['a.log'],
      exclude: [],
      start_at: 'end',
      preset: 'json',
      max_record: '1MiB',
      poll: '1s',
    },
    otlp: {
      type: 'otlp',
      http: { listen: '127.0.0.1:0', timeout: '5s' },
      auth: { bearer: [{ id: 'x', hash: 'a'.repeat(64) }] },
    },
  },
  attribution: { require: { default: ['actor.id'], iam: [] }, on_missing: 'tag' },
  redact: [{ key: ['password'], method: 'drop' }],
  hash_keys: [{ id: '2026-11', secret: 'a'.repeat(64) }],
  journal: {
    max_size: '10GiB',
    on_full: 'block',
    keep: '1h',
    commit: { max_delay: '5ms', max_bytes: '1MiB' },
  },
  sinks: {
    hook: {
      type: 'http',
      url: 'https://a.example/x',
      headers: { 'x-a': 'b' },
      batch: { max_events: 5 },
      required: false,
    },
    file: { type: 'file', path: 'out', rotate: { max_size: '1MiB', keep: 3 }, concurrency: 1 },
    out: { type: 'stdout', format: 'pretty' },
  },
  routes: [{ name: 'a', from: 'app', when: 'true', to: ['hook'], continue: true }, { to: 'file' }],
  telemetry: { listen: '127.0.0.1:0', log: { level: 'info' } },
}

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
}

const places = pathsOf(good).filter((path) => path.length > 0)
const validator = formats.default(new Ajv.default({ strict: false })).compile(jsonSchemaOf(agentConfig))

/** A copy of `good` with `change` made to what holds the last step of `path`. */
function changed(
  path: Path,
  change: (holder: Record<string | number, unknown>, key: string | number) => void,
): unknown {
  const copy: Record<string | number, unknown> = structuredClone(good)
  let holder = copy
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>
  change(holder, path.at(-1)!)
  return copy
}

const values = fc.constantFrom<unknown>(
  7,
  0,
  -1,
  1.5,
  1e9,
  '',
  'x',
  'a b',
  '5s',
  '5MiB',
  '1:1',
  true,
  null,
  [],
  ['x'],
  [7],
  {},
  { x: 1 },
)

/** Unless it is about what a JSON Schema has no words for: checks across members, and values of our own. */
function refuses(config: unknown): boolean | undefined {
  const result = agentConfig.safeParse(config)
  if (result.success) return false
  return result.error.issues.some((issue) => issue.code !== 'custom') ? true : undefined
}

test('the good one is good to both', () => {
  expect(refuses(good)).toBe(false)
  expect(validator(good)).toBe(true)
})

test('any one value replaced', () => {
  const property = fc.property(fc.constantFrom(...places), values, (path, value) => {
    const config = changed(path, (holder, key) => {
      holder[key] = value
    })
    const refused = refuses(config)
    if (refused !== undefined) expect(validator(config)).toBe(!refused)
  })
  fc.assert(property, { numRuns: 700 })
})

test('any one key removed, or added', () => {
  for (const path of places) {
    const without = changed(path, (holder, key) => {
      if (Array.isArray(holder)) holder.splice(Number(key), 1)
      else delete holder[key]
    })
    const refused = refuses(without)
    if (refused !== undefined) expect(validator(without), `without ${path.join('.')}`).toBe(!refused)
    const more = changed([...path, 'surely_unknown'], (holder, key) => {
      if (typeof holder === 'object') holder[key] = 1
    })
    const refusedToo = refuses(more)
    if (refusedToo !== undefined) expect(validator(more), `more in ${path.join('.')}`).toBe(!refusedToo)
  }
})
