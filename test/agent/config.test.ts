/** The whole configuration: what is shipped is valid, and every bad file is refused in exactly the words beside it. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import Ajv from 'ajv'
import formats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { wholeConfig } from '../../src/agent/config.ts'
import { renderConfigSchema } from '../../src/agent/config-schema.ts'
import { inspectAgentConfig, loadAgentConfig, loadDataDir } from '../../src/agent/load.ts'
import { type JsonSchema, jsonSchemaOf } from '../../src/config/json-schema.ts'
import { renderProblems } from '../../src/config/render.ts'

const fixtures = 'test/fixtures/config'
const shipped = readdirSync('config').filter((file) => file.endsWith('.yaml'))
const bad = readdirSync(fixtures).filter((file) => file.endsWith('.yaml'))
const env = { AFFIANT_TEST_SECRET: 'hunter2' }

/** What the JSON Schema cannot see: YAML itself, references, and everything across parts. */
const beyondSchema = [
  'bad_coverage',
  'bad_ranges',
  'bad_routes',
  'bad_receivers',
  'bad_collisions',
  'bad_exposure',
  'bad_fallback',
  'bad_references',
  'bad_duplicate',
  'bad_tab',
  'bad_star',
]
const validator = formats
  .default(new Ajv.default({ strict: false }))
  .compile(JSON.parse(await renderConfigSchema()))

describe('shipped configurations', () => {
  test.each(shipped)('config/%s is valid without its environment, and names its schema', async (file) => {
    const { problems, config } = await inspectAgentConfig([`config/${file}`], { environment: false })
    expect(renderProblems(problems, { colors: false }).trim()).toBe('')
    expect(config === undefined || Object.keys(config.sinks).length > 0).toBe(true)
    const text = await readFile(`config/${file}`, 'utf8')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/affiant.schema.json')
  })

  test.each(shipped)('editors have nothing against config/%s', async (file) => {
    validator(parse(await readFile(`config/${file}`, 'utf8')))
    expect(validator.errors).toBeNull()
  })

  test('the quick start needs nothing from outside', async () => {
    const { config, files, warnings } = await loadAgentConfig(['config/quickstart.yaml'], { env: {} })
    expect(warnings).toEqual([])
    expect(files).toEqual(['config/quickstart.yaml'])
    expect(config.agent).toMatchObject({ id: 'local', data_dir: './data', workers: 0 })
    expect(config.routes).toEqual([{ name: 'all', to: ['file', 'terminal'], continue: false }])
  })

  test('it is what is found in a checkout when no configuration is named', async () => {
    expect((await loadAgentConfig([], { env: {} })).files).toEqual(['config/quickstart.yaml'])
  })
})

describe('defaults', () => {
  const load = async (env: Record<string, string>) => {
    const readFile = () => Promise.resolve(Buffer.from('token\n'))
    return (await loadAgentConfig(['config/minimal.yaml'], { env, readFile })).config
  }

  test('an agent is named after its host', async () => {
    expect((await load({})).agent).toMatchObject({ id: hostname(), data_dir: '/var/lib/affiant', workers: 0 })
  })

  test('without routes every event goes to every sink', async () => {
    expect((await load({})).routes).toEqual([{ name: 'all', to: ['hook'], continue: false }])
  })

  test('who, what, to what, with what result is required; a login needs no target', async () => {
    expect((await load({})).attribution.require).toMatchObject({
      default: ['actor.id', 'action', 'targets', 'outcome.result'],
      authentication: ['actor.id', 'action', 'outcome.result'],
    })
  })
})

describe('bad configurations', () => {
  test.each(bad)('%s', async (file) => {
    const { problems, config } = await inspectAgentConfig([`${fixtures}/${file}`], { env })
    expect(config).toBeUndefined()
    const text = renderProblems(problems, { colors: false })
    expect(text).not.toContain('hunter2')
    const expected = `${fixtures}/${file.replace('.yaml', '.txt')}`
    expect(existsSync(expected), 'without it the comparison below would write it').toBe(true)
    await expect(text).toMatchFileSnapshot(`../../${expected}`)
  })

  const structural = bad.filter((file) => !beyondSchema.includes(file.replace('.yaml', '')))
  test.each(structural)('the JSON Schema refuses %s too', async (file) => {
    const documents = (await readFile(`${fixtures}/${file}`, 'utf8')).split('---\n')
    expect(documents.every((text) => validator(parse(text)) === true)).toBe(false)
  })

  test('the JSON Schema takes what only the whole can refuse', async () => {
    for (const file of ['bad_coverage', 'bad_receivers', 'bad_collisions', 'bad_exposure']) {
      validator(parse(await readFile(`${fixtures}/${file}.yaml`, 'utf8')))
      expect(validator.errors, file).toBeNull()
    }
  })
})

describe('the data directory', () => {
  test('is found without the secrets of other sections', async () => {
    expect(await loadDataDir(['config/otlp-to-http.yaml'], { env: { AFFIANT_DATA: '/tmp/x' } })).toBe(
      '/tmp/x',
    )
  })

  test('an error in the agent section is an error here too', async () => {
    await expect(loadDataDir([`${fixtures}/bad_types.yaml`], { env })).rejects.toMatchObject({
      code: 'config_invalid',
    })
  })
})

describe('the JSON Schema', () => {
  let schema: JsonSchema = {}
  beforeAll(async () => {
    schema = jsonSchemaOf(await wholeConfig())
  })

  test('describes every key', () => {
    const silent: string[] = []
    const walk = (at: string, node: JsonSchema): void => {
      for (const [key, member] of Object.entries(node.properties ?? {})) {
        const isType = key === 'type' && member.const !== undefined
        if (member.description === undefined && !isType) silent.push(`${at}.${key}`)
        walk(`${at}.${key}`, member)
      }
      if (typeof node.additionalProperties === 'object') walk(`${at}.*`, node.additionalProperties)
      if (node.items !== undefined) walk(`${at}[]`, node.items)
      for (const branch of [...(node.oneOf ?? []), ...(node.anyOf ?? [])]) walk(at, branch)
    }
    walk('', schema)
    expect(silent).toEqual([])
  })

  test('names nothing of this machine', async () => {
    expect(await renderConfigSchema()).not.toContain(`"${hostname()}"`)
  })
})
