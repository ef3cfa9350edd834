import { expect, test } from 'vitest'
import { chosenMapping } from '../../src/cli/mapping-file.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'

test('a preset by its name, or a file', async () => {
  using directory = new WorkDirectory()
  const mapping = directory.write('shop.yaml', 'extends: json\nactor.id: who\n')
  expect(await chosenMapping({ preset: 'json' })).toEqual({ preset: 'json' })
  expect(await chosenMapping({ mapping })).toEqual({ inline: { extends: 'json', 'actor.id': 'who' } })
})

test.each([{}, { preset: 'json', mapping: 'a.yaml' }])('%j is neither', async (options) => {
  await expect(chosenMapping(options)).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('--mapping'),
  })
})

test('every fault of a file is told at its line', async () => {
  using directory = new WorkDirectory()
  const text =
    '# A shop\nactor.idd: who\naction:\n  template: "{verb"\ntargets:\n  - { id: sku, nmae: title }\n'
  const mapping = directory.write('shop.yaml', text)
  const at = (line: number, column: number) => ({ file: mapping, line, column })
  await expect(chosenMapping({ mapping })).rejects.toMatchObject({
    code: 'config_invalid',
    problems: [
      { position: at(2, 12), path: ['actor.idd'] },
      { position: at(4, 13), path: ['action', 'template'] },
      { position: at(6, 22), path: ['targets', 0, 'nmae'] },
    ],
  })
})

test.each([
  ['', 'the file holds no mapping'],
  ['a: b: c', 'not valid YAML'],
  ['- a', 'a mapping is an object'],
  ['receivers: { app: { mapping: { action: event } } }', 'this is a configuration'],
])('%j', async (text, message) => {
  using directory = new WorkDirectory()
  const mapping = directory.write('shop.yaml', text)
  await expect(chosenMapping({ mapping })).rejects.toThrow(message)
})

test('what is no text, and what is no file', async () => {
  using directory = new WorkDirectory()
  const binary = directory.write('shop.yaml', Buffer.of(0x1f, 0x8b, 0xff, 0x00))
  await expect(chosenMapping({ mapping: binary })).rejects.toMatchObject({
    code: 'config_unreadable',
    message: `${binary} cannot be read: it is no UTF-8 text`,
  })
  await expect(chosenMapping({ mapping: directory.at('.') })).rejects.toMatchObject({
    message: `${directory.at('.')} cannot be read: it is a directory`,
  })
})

test('a file that is not there', async () => {
  await expect(chosenMapping({ mapping: '/nowhere/shop.yaml' })).rejects.toMatchObject({
    code: 'config_unreadable',
    message: '/nowhere/shop.yaml cannot be read: there is no such file',
  })
})
