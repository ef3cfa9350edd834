import { expect, test } from 'vitest'
import { testCommand } from '../../src/cli/test.ts'
import { presetNames } from '../../src/normalise/presets.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'

async function run(paths: readonly string[], more: { presets?: readonly string[]; format?: string } = {}) {
  let text = ''
  const out = { write: (part: string) => (text += part) }
  const code = await testCommand({ paths, presets: more.presets ?? [], format: more.format ?? 'text', out })
  return { code, text }
}

const mapping = `
actor.id: who
action: what
tests:
  - name: an order is read
    input: { who: u_1, what: order.read }
    expect: { actor.id: u_1, action: order.read, unmapped: null }
  - name: two lines
    input: |
      {"who":"u_1","what":"a"}
      {"who":"u_2","what":"b"}
    expect: [{ actor.id: u_1 }, { actor.id: u_2 }]
`

test('a mapping that does what it says', async () => {
  using directory = new WorkDirectory()
  const path = directory.write('shop.yaml', mapping)
  const { code, text } = await run([path])
  expect(text).toBe(`${path}\n  ✓ an order is read\n  ✓ two lines\n2 tests, all passed\n`)
  expect(code).toBe(0)
})

test('what differs is shown by its path; too few events are shown whole', async () => {
  using directory = new WorkDirectory()
  const path = directory.write(
    'shop.yaml',
    mapping.replace('actor.id: who', 'actor.name: who').replace(', { actor.id: u_2 }', ''),
  )
  const { code, text } = await run([path])
  expect(code).toBe(1)
  const [, , ...lines] = text.split('\n')
  expect(lines).toEqual([
    '      actor.id',
    '        expected  "u_1"',
    '        got       absent',
    '  ✗ two lines',
    '      1 event expected, 2 made',
    expect.stringMatching(/^ {6}event 1: \{"action":"a","actor":\{"name":"u_1"/),
    expect.stringMatching(/^ {6}event 2: \{"action":"b"/),
    '      event 1 of 2',
    '      actor.id',
    '        expected  "u_1"',
    '        got       absent',
    '2 tests, 2 failed',
    '',
  ])
})

test('tests in a file beside the mapping, or of a preset; a directory of both', async () => {
  using directory = new WorkDirectory()
  directory.write('maps/shop.yaml', 'actor.id: who\n')
  const tests = 'tests: [{ name: beside, input: { who: u_1, user: u_2 }, expect: { actor.id: u_1 } }]\n'
  directory.write('shop.test.yaml', `mapping: maps/shop.yaml\n${tests}`)
  directory.write('json.test.yml', `preset: json\n${tests.replace('id: u_1 }', 'id: u_2 }')}`)
  directory.write('notes.txt', 'not: [yaml')
  const { code, text } = await run([directory.path])
  expect(text).toContain('2 tests, all passed')
  expect(code).toBe(0)
  expect((await run([directory.at('maps')])).text).toContain('no tests: they go into `tests:`')
  expect((await run([directory.at('maps')])).code).toBe(1)
})

test('a receiver is tested with what the configuration sets around its mapping', async () => {
  using directory = new WorkDirectory()
  const path = directory.write(
    'affiant.yaml',
    `
receivers:
  shop:
    type: file
    include: [shop.log]
    zone: Europe/Berlin
    mapping:
      actor.id: who
      time: at
      tests:
        - name: local time, and no password
          input: { who: u_1, at: '2026-07-01 08:00:00', password: hunter2 }
          expect: { time: '2026-07-01T06:00:00.000000000Z', producer.product: shop, unmapped: null }
        - { name: a zone of its own, input: { at: '2026-07-01 08:00:00' }, zone: UTC, expect: { time: '2026-07-01T08:00:00.000000000Z' } }
  other: { type: file, include: [other.log] }
sinks:
  hook: { type: http, url: '\${HOOK_URL}' }
redact: [{ key: password }]
`,
  )
  const { code, text } = await run([path])
  expect(text).toBe(
    `${path}, receiver shop\n  ✓ local time, and no password\n  ✓ a zone of its own\n2 tests, all passed\n`,
  )
  expect(code).toBe(0)
})

test('as JSON, and as JUnit has it', async () => {
  using directory = new WorkDirectory()
  const path = directory.write(
    'shop.yaml',
    mapping.replace('expect: { actor.id: u_1,', 'expect: { actor.id: "<u>",'),
  )
  const { code, text } = await run([path], { format: 'json' })
  expect(code).toBe(1)
  expect(JSON.parse(text)).toMatchObject([
    {
      where: path,
      results: [
        { name: 'an order is read', passed: false },
        { name: 'two lines', passed: true },
      ],
    },
  ])
  const junit = (await run([path], { format: 'junit' })).text
  expect(junit).toContain(`<testsuite name="${path}" tests="2" failures="1">`)
  expect(junit).toContain('<failure message="actor.id">')
  expect(junit).toContain('expected  &quot;&lt;u&gt;&quot;')
  expect(junit).toContain(`<testcase classname="${path}" name="two lines"/>`)
})

test.each([
  ['tests: [{ name: a }]', 'tests[0].input'],
  ['preset: jsn\ntests: []', 'there is no preset "jsn"'],
  ['preset: json\nmapping: a.yaml\ntests: []', 'the path of a mapping belongs here'],
  [
    'mapping: absent.yaml\ntests: []',
    /shop\.yaml:1:10 {2}mapping: .*absent\.yaml cannot be read: there is no such file$/,
  ],
  [
    'preset: auto\ntests: []',
    /:1:9 {2}preset: auto is no mapping of its own: it chooses a preset for each file; name one of /,
  ],
  ['preset: json\ntest: []', 'test: a file of tests has'],
  ['actor.idd: a', 'actor.idd'],
  ['', 'the file holds no mapping'],
])('%j is refused', async (text, message) => {
  using directory = new WorkDirectory()
  await expect(run([directory.write('shop.yaml', text)])).rejects.toThrow(message)
})

test.each([
  [[], { presets: ['jsn'] }, 'there is no preset "jsn"'],
  [[], {}, 'nothing to test'],
  [[], { presets: ['auto'] }, 'auto is no mapping of its own'],
  [['/nowhere'], {}, '/nowhere cannot be read: there is no such file'],
  [['a'], { format: 'xml' }, '"xml" is no format'],
])('%j %j is refused', async (paths, more, message) => {
  await expect(run(paths, more)).rejects.toThrow(message)
})

test('a directory without anything to test is told of', async () => {
  using directory = new WorkDirectory()
  directory.write('notes.txt', 'no mapping')
  await expect(run([directory.at('.')])).rejects.toMatchObject({
    code: 'config_unreadable',
    message: `${directory.at('.')}: the directory holds no *.yaml or *.yml file`,
  })
})

test('every preset makes of its own examples what it says', async () => {
  const { code, text } = await run([], { presets: presetNames() })
  expect(text).not.toContain('✗')
  expect(code, text).toBe(0)
})
