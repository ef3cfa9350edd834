// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are what is tested
/** The loader over a small schema of its own: each fault has exactly one text, with its place. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type ConfigShape,
  type InspectOptions,
  inspect,
  type LoadOptions,
  load,
} from '../../src/config/load.ts'
import { ConfigError, printProblem } from '../../src/config/problem.ts'
import { duration, name, size } from '../../src/config/values.ts'

const http = z.strictObject({
  type: z.literal('http'),
  url: z.url().describe('Where to'),
  format: z.enum(['ndjson', 'json_array']).default('ndjson'),
  timeout: duration().optional(),
  retries: z.int().min(1).max(9).optional(),
  gzip: z.boolean().optional(),
  keys: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  hash: z
    .string()
    .regex(/^[0-9a-f]{8}$/, 'a hash of 8 hex digits')
    .optional(),
})
const file = z.strictObject({ type: z.literal('file'), path: z.string().min(1), max_size: size().optional() })
const schema = z.strictObject({
  sinks: z.record(name(), z.discriminatedUnion('type', [http, file])),
  routes: z.array(z.strictObject({ name: z.string(), to: z.array(z.string()) })).default([]),
  agent: z.strictObject({ id: z.string().default('x'), workers: z.int().default(0) }).prefault({}),
})
const shape: ConfigShape<z.output<typeof schema>> = {
  schema: async () => schema,
  rules: { named: ['sinks'], lists: ['routes'] },
  check: () => [],
}

let folder = ''
const cwd = process.cwd()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affiant-config-'))
  process.chdir(folder)
})
afterEach(async () => {
  process.chdir(cwd)
  await rm(folder, { recursive: true })
})

async function loadText(text: string, options: LoadOptions = { env: {} }) {
  await writeFile('c.yaml', text)
  return load(['c.yaml'], shape, options)
}

async function problemsOf(loading: Promise<unknown>): Promise<string[]> {
  try {
    await loading
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems.map(printProblem)
    throw thrown
  }
  throw new Error('the configuration was taken')
}

async function faults(text: string, options: InspectOptions = { env: {} }): Promise<string[]> {
  await writeFile('c.yaml', text)
  return (await inspect(['c.yaml'], shape, options)).problems.map(printProblem)
}

describe('what the schema refuses, in words', () => {
  const cases: readonly [string, string, string[]][] = [
    [
      'an unknown key',
      'sinks:\n  hook:\n    type: http\n    urll: https://a.example\n',
      [
        'c.yaml:4:5  sinks.hook.urll: unknown key. Did you mean "url"? Allowed: type, url, format, timeout, retries, gzip, keys, hash',
      ],
    ],
    [
      'an unknown section',
      'sink: {}\n',
      ['c.yaml:1:1  sink: unknown key. Did you mean "sinks"? Allowed: sinks, routes, agent'],
    ],
    ['nothing at all', '# empty\n', ['c.yaml:1:1  sinks: is required, but missing']],
    [
      'an unknown type',
      'sinks: { a: { type: flie } }',
      ['c.yaml:1:21  sinks.a.type: "flie" is not allowed here. Did you mean "file"? Allowed: http, file'],
    ],
    [
      'a missing type',
      'sinks:\n  a:\n    path: x\n',
      ['c.yaml:2:3  sinks.a.type: is required, but missing. Allowed: http, file'],
    ],
    [
      'a choice',
      'sinks: { a: { type: http, url: "https://a.example", format: json-array } }',
      [
        'c.yaml:1:61  sinks.a.format: "json-array" is not allowed here. Did you mean "json_array"? Allowed: ndjson, json_array',
      ],
    ],
    [
      'a number where a duration belongs',
      'sinks: { a: { type: http, url: "https://a.example", timeout: 5 } }',
      [
        'c.yaml:1:62  sinks.a.timeout: expected a duration with its unit: ms, s, m, h or d, as in 5ms or 1.5h, found 5',
      ],
    ],
    [
      'a wrong unit',
      'sinks: { a: { type: file, path: x, max_size: 5G } }',
      [
        'c.yaml:1:46  sinks.a.max_size: expected a size with its unit: B, KiB, MiB, GiB, TiB (or kB, MB, GB, TB), as in 64MiB, found "5G"',
      ],
    ],
    [
      'bounds',
      'sinks: { a: { type: http, url: "https://a.example", retries: 0 }, b: { type: http, url: "https://a.example", retries: 10 } }',
      [
        'c.yaml:1:62  sinks.a.retries: expected at least 1, found 0',
        'c.yaml:1:119  sinks.b.retries: expected at most 9, found 10',
      ],
    ],
    [
      'a fraction, text for a boolean, nothing',
      'sinks:\n  a:\n    type: http\n    url:\n    retries: 1.5\n    gzip: "yes"\n',
      [
        'c.yaml:4:9  sinks.a.url: expected text, found nothing',
        'c.yaml:5:14  sinks.a.retries: expected a whole number, found 1.5',
        'c.yaml:6:11  sinks.a.gzip: expected true or false, found "yes"',
      ],
    ],
    [
      'a format',
      'sinks: { a: { type: http, url: not-a-url } }',
      ['c.yaml:1:32  sinks.a.url: expected a URL, found "not-a-url"'],
    ],
    [
      'empty text and empty lists',
      'sinks: { a: { type: file, path: "" }, b: { type: http, url: "https://a.example", keys: [] } }',
      [
        'c.yaml:1:33  sinks.a.path: expected at least 1 character, found ""',
        'c.yaml:1:88  sinks.b.keys: expected at least 1 entry, found 0',
      ],
    ],
    [
      'neither branch of a union',
      'sinks: { a: { type: http, url: "https://a.example", keys: 7 } }',
      ['c.yaml:1:59  sinks.a.keys: expected text or a list, found 7'],
    ],
    [
      'one branch of a union, nearly',
      'sinks: { a: { type: http, url: "https://a.example", keys: [x, 7] } }',
      ['c.yaml:1:63  sinks.a.keys[1]: expected text, found 7'],
    ],
    [
      'a name that is none',
      'sinks: { "a b": { type: file, path: x } }',
      [
        'c.yaml:1:10  sinks."a b": not a name of letters, digits, _ . - (63 at most, not starting with _ . -)',
      ],
    ],
    [
      'a list for a map, and a map for a list',
      'sinks: []\nroutes: { a: 1 }\nagent: on\n',
      [
        'c.yaml:1:8  sinks: expected a map, found an empty list',
        'c.yaml:2:9  routes: expected a list, found a map',
        'c.yaml:3:8  agent: expected a map, found "on"',
      ],
    ],
    [
      'a pattern of our own',
      'sinks: { a: { type: http, url: "https://a.example", hash: xyz } }',
      ['c.yaml:1:59  sinks.a.hash: expected a hash of 8 hex digits, found "xyz"'],
    ],
    [
      'a place in a list',
      'sinks: {}\nroutes:\n  - { name: a, to: [x] }\n  - { to: x, nmae: b }\n',
      [
        'c.yaml:4:11  routes[1].to: expected a list, found "x". Write ["x"]',
        'c.yaml:4:14  routes[1].nmae: unknown key. Did you mean "name"? Allowed: name, to',
      ],
    ],
  ]
  test.each(cases)('%s', async (_, text, expected) => {
    expect(await faults(text)).toEqual(expected)
  })
})

describe('what is no configuration file', () => {
  const cases: readonly [string, string, string[]][] = [
    [
      'a duplicate key',
      'agent:\n  id: a\n  id: b\n',
      ['c.yaml:3:3  this key is already set in the same map'],
    ],
    [
      'two documents',
      'sinks: {}\n---\nsinks: {}\n',
      ['c.yaml:2:1  a second YAML document begins here. A file holds one; put it in its own file'],
    ],
    [
      'an asterisk',
      'agent: { id: * }\n',
      ['c.yaml:1:14  a text that is, or begins with, * needs quotes: "*"'],
    ],
    [
      'an at sign',
      'agent: { id: @a }\n',
      [
        'c.yaml:1:14  plain value cannot start with reserved character @: a text that begins with it needs quotes',
      ],
    ],
    ['a tab', 'agent:\n\tid: a\n', ['c.yaml:2:1  a tab indents this line. YAML takes spaces only']],
    [
      'a list at the top',
      '- a\n',
      [
        'c.yaml:1:1  a configuration is a map of sections: agent, receivers, sinks, routes, …',
        'c.yaml:1:1  sinks: is required, but missing',
      ],
    ],
    ['a key that is no text', '? [a, b]\n: 1\n', ['c.yaml:1:3  a key must be plain text']],
    [
      'an id that would lose digits as a number',
      'agent:\n  id: 012345678901\n  no: [9007199254740993, -007, 0.5, 0, "012345678901", 1e3]\n',
      [
        'c.yaml:2:7  agent.id: would be read as the number 12345678901, and lose digits: an id needs quotes',
        'c.yaml:3:8  agent.no[0]: would be read as the number 9007199254740992, and lose digits: an id needs quotes',
        'c.yaml:3:26  agent.no[1]: would be read as the number -7, and lose digits: an id needs quotes',
      ],
    ],
    ['a prototype', '__proto__: { a: 1 }\n', ['c.yaml:1:1  a key must be plain text']],
  ]
  test.each(cases)('%s', async (_, text, expected) => {
    expect(await faults(text)).toEqual(expected)
  })

  test('a flow that does not end, and a tag of its own', async () => {
    expect((await faults('agent: { id: a\nsinks: {}\n'))[0]).toMatch(/^c\.yaml:\d+:\d+ {2}not valid YAML: /)
    expect((await faults('agent: !secret a\n'))[0]).toMatch(
      /^c\.yaml:1:8 {2}.*!secret.*Tags are not used in configurations$/,
    )
  })

  test('aliases that ask for billions are cut short', async () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'l0: &l0 [x, x, x, x, x, x, x, x, x]'
        : `l${level}: &l${level} [${Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ')}]`,
    )
    const found = await faults(levels.join('\n'))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('more than 100000 values')
  })

  test('an alias of itself is an error, not a loop', async () => {
    expect((await faults('agent: &a { id: *a }\n')).length).toBeGreaterThan(0)
  })

  test('aliases and keys that look like other types are read as written', async () => {
    const loaded = await loadText(
      'sinks: { a: { type: file, path: &p out }, b: { type: file, path: *p }, 1: { type: file, path: c }, true: { type: file, path: d } }',
    )
    expect(loaded.config.sinks).toEqual({
      a: { type: 'file', path: 'out' },
      b: { type: 'file', path: 'out' },
      '1': { type: 'file', path: 'c' },
      true: { type: 'file', path: 'd' },
    })
  })

  test('what is not there, and what is not text', async () => {
    await writeFile('latin.yaml', Buffer.from([0x61, 0xe4]))
    await writeFile('huge.yaml', Buffer.alloc(9 * 1024 ** 2, '#'))
    await mkdir('none.d')
    await expect(load(['gone.yaml', 'latin.yaml', 'none.d', 'huge.yaml'], shape)).rejects.toMatchObject({
      code: 'config_unreadable',
      message:
        'gone.yaml: there is no such file or directory\n' +
        'none.d: the directory holds no *.yaml or *.yml file\n' +
        'latin.yaml: not UTF-8 text\n' +
        'huge.yaml: over 8 MiB: is this a configuration?',
    })
  })
})

describe('several files', () => {
  test('a directory is read in name order: names come together, lists follow each other', async () => {
    await mkdir('conf.d')
    await writeFile(
      'conf.d/20.yml',
      'sinks: { b: { type: file, path: b } }\nroutes: [{ name: two, to: [b] }]\n',
    )
    await writeFile(
      'conf.d/10.yaml',
      'sinks: { a: { type: file, path: a } }\nroutes: [{ name: one, to: [a] }]\n',
    )
    await writeFile('conf.d/.hidden.yaml', 'nonsense: 1\n')
    await writeFile('conf.d/notes.txt', 'nonsense')
    const { config, files } = await load(['conf.d'], shape)
    expect(files).toEqual(['conf.d/10.yaml', 'conf.d/20.yml'])
    expect(Object.keys(config.sinks)).toEqual(['a', 'b'])
    expect(config.routes.map((route) => route.name)).toEqual(['one', 'two'])
  })

  test('settings of one section come from several files', async () => {
    await writeFile('a.yaml', 'agent: { id: a }\nsinks: {}\n')
    await writeFile('b.yaml', 'agent: { workers: 2 }\n')
    expect((await load(['a.yaml', 'b.yaml', './a.yaml'], shape)).config.agent).toEqual({
      id: 'a',
      workers: 2,
    })
  })

  test('what is set twice cites both places', async () => {
    await writeFile('a.yaml', 'agent:\n  id: a\nsinks:\n  x: { type: file, path: x }\n')
    await writeFile('b.yaml', 'agent: { id: a }\nsinks:\n  x: { type: file, path: x }\n  y: { type: flie }\n')
    expect(await problemsOf(load(['a.yaml', 'b.yaml'], shape))).toEqual([
      'b.yaml:1:10  agent.id: already set at a.yaml:2:3',
      'b.yaml:3:3  sinks.x: already set at a.yaml:4:3',
      'b.yaml:4:14  sinks.y.type: "flie" is not allowed here. Did you mean "file"? Allowed: http, file',
    ])
  })
})

describe('values from outside', () => {
  const sink = (rest: string) => `sinks:\n  a: { type: http, url: "https://a.example", ${rest} }\n`

  test('variables, defaults, files, and a dollar', async () => {
    await writeFile('token', 'deadbeef\n')
    const { config, written } = await loadText(
      'agent: { id: "${HOST}-${ZONE:-here}$$1" }\nsinks:\n  a: { type: http, url: "https://${EMPTY:-a.example}/^x$", hash: "${file:token}" }\n',
      { env: { HOST: 'h', EMPTY: '' } },
    )
    expect(config.agent.id).toBe('h-here$1')
    expect(config.sinks.a).toMatchObject({ url: 'https://a.example/^x$', hash: 'deadbeef' })
    expect(JSON.stringify(written)).not.toContain('deadbeef')
  })

  test('text becomes a number or a boolean only where one belongs', async () => {
    const { config } = await loadText(
      `agent:\n  id: \${N}\n  workers: \${N}\n${sink('retries: "${N}", gzip: "${B}", keys: ["${N}"]')}`,
      { env: { N: '3', B: 'true' } },
    )
    expect(config.agent).toEqual({ id: '3', workers: 3 })
    expect(config.sinks.a).toMatchObject({ retries: 3, gzip: true, keys: ['3'] })
  })

  test('faults of lookups and of the schema come together, and never show the value', async () => {
    await writeFile('secret', 'hunter2\n')
    await writeFile('empty', '\n')
    await writeFile('big', Buffer.alloc(70_000, 'x'))
    const found = await faults(
      [
        'agent:',
        '  id: ${UNSET}',
        '  workers: ${file:secret}',
        'sinks:',
        '  a: { type: http, url: "${file:gone}", hash: "${file:secret}", format: "${MODE}" }',
        '  b: { type: file, path: "${file:empty}", max_size: "${file:big}" }',
        '  c: { type: file, path: "${", max_size: "${NO NAME}" }',
        '  d: { type: fiel }',
      ].join('\n'),
      { env: { MODE: 'json_arrai' } },
    )
    expect(found).toEqual([
      'c.yaml:2:7  agent.id: the environment variable UNSET is not set. Set it, or give a default: ${UNSET:-…}',
      'c.yaml:3:12  agent.workers: expected a whole number, found ${file:secret}',
      'c.yaml:5:25  sinks.a.url: the file gone cannot be read: there is no such file',
      'c.yaml:5:47  sinks.a.hash: expected a hash of 8 hex digits, found ${file:secret}',
      'c.yaml:5:73  sinks.a.format: ${MODE} is not allowed here. Allowed: ndjson, json_array',
      'c.yaml:6:26  sinks.b.path: the file empty is empty',
      'c.yaml:6:53  sinks.b.max_size: the file big is over 64 KiB',
      'c.yaml:7:26  sinks.c.path: "${" has no closing "}". For the two characters themselves write "$${"',
      'c.yaml:7:42  sinks.c.max_size: "${NO NAME}" is no reference. Allowed: ${NAME}, ${NAME:-default}, ${file:/path}, and $$ for a $',
      'c.yaml:8:14  sinks.d.type: "fiel" is not allowed here. Did you mean "file"? Allowed: http, file',
    ])
    expect(found.join('\n')).not.toContain('hunter2')
  })

  test('without an environment nothing is looked up, and everything else is checked', async () => {
    const options: InspectOptions = {
      environment: false,
      env: { N: 'nonsense' },
      readFile: () => Promise.reject(new Error('looked up')),
    }
    const text = sink('retries: "${N}", gzip: "${B}", timeout: "${T}", format: "${F}"')
    await writeFile('c.yaml', `agent: { id: "\${X:-y}" }\n${text}`)
    const { config, problems } = await inspect(['c.yaml'], shape, options)
    expect(problems).toEqual([])
    expect(config?.agent.id).toBe('y')
    expect(config?.sinks.a).toMatchObject({ type: 'http', format: 'ndjson', gzip: true })
    expect(await faults(sink('retries: "${N:-ten}", keys: 7, hash: "${file:y}"'), options)).toEqual([
      'c.yaml:2:55  sinks.a.retries: expected a whole number, found ${N:-ten}',
      'c.yaml:2:74  sinks.a.keys: expected text or a list, found 7',
    ])
    // Nothing that could be guessed fits; the real value may.
    expect(await faults(sink('hash: "${file:y}"'), options)).toEqual([])
  })

  test('the hash follows the configuration, not the secrets', async () => {
    const text = 'agent: { id: "${ID}" }\nsinks: {}\n'
    const one = await loadText(text, { env: { ID: 'a' } })
    const two = await loadText(text, { env: { ID: 'b' } })
    const three = await loadText(text.replace('ID', 'IE'), { env: { IE: 'a' } })
    expect(two.hash).toBe(one.hash)
    expect(three.hash).not.toBe(one.hash)
  })
})
