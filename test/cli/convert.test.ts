// affiant convert: there and back, and what it says of lines that carry no event.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { convertCommand } from '../../src/cli/convert.ts'
import { shapeNames } from '../../src/shapes/shape.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { temporaryDirectory } from '../journal/journal-directory.ts'
import { lineWith } from '../shapes/events.ts'

async function convert(input: string, more: { from?: string; to?: string; files?: string[] } = {}) {
  const said = { output: '', errors: '' }
  const into = (name: keyof typeof said) =>
    new Writable({
      highWaterMark: 10,
      write: (chunk: Buffer, _, done) => {
        said[name] += chunk.toString()
        done()
      },
    })
  const code = await convertCommand({
    to: 'affiant',
    files: [],
    ...more,
    input: Readable.from([Buffer.from(input.slice(0, 99)), Buffer.from(input.slice(99))]),
    output: into('output'),
    errors: into('errors'),
  })
  return { code, ...said }
}

const lines = `${lineWith(leastEvent, undefined, 1)}\n${lineWith(fullEvent, 'raw', 2)}\n`

test.each(shapeNames)('%s and back', async (shape) => {
  const there = await convert(lines, { to: shape })
  expect(there).toMatchObject({ code: 0, errors: '' })
  expect(await convert(there.output)).toEqual({ code: 0, output: lines, errors: '' })
  expect(await convert(there.output, { from: shape })).toEqual({ code: 0, output: lines, errors: '' })
})

test('lines that carry no event are named, the others converted', async () => {
  const [first] = lines.split('\n')
  const altered = first!.replace('unknown', 'invoice.pay')
  const { code, output, errors } = await convert(
    `\n${first}\nhello\n{"a":1}\n{"class_uid":6003}\n${altered}\n`,
  )
  expect({ code, output }).toEqual({ code: 1, output: `${first}\n` })
  expect(errors.split('\n')).toEqual([
    '-:3: is no JSON: one document a line is read (jq -c . makes it so)',
    '-:4: is of no shape that is known: raw records become events by affiant normalize',
    '-:5: has no unmapped.affiant_event: it is no event of Affiant (the preset ocsf reads any)',
    expect.stringMatching(/^-:6: was altered: log\.size says \d+ bytes, its canonical form has \d+$/),
    '',
  ])
})

test('what went through jq is an event still: spacing and order are not what is hashed', async () => {
  const spaced = JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(lines.split('\n')[1]!)).toReversed()),
  )
  expect(await convert(`${spaced.replaceAll('","', '", "')}\n`)).toMatchObject({
    output: `${lines.split('\n')[1]}\n`,
  })
})

test('files, and those that are not there', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'events.ndjson')
  await writeFile(file, lines)
  expect(await convert('', { files: [file, file] })).toMatchObject({ code: 0, output: lines + lines })
  await expect(convert('', { files: [`${file}.gone`] })).rejects.toThrow(
    /events.ndjson.gone cannot be read: there is no such file/,
  )
  await expect(convert('', { files: [directory.path] })).rejects.toThrow(/cannot be read: it is a directory/)
})

test('a shape that there is not', async () => {
  await expect(convert('', { to: 'osfc' })).rejects.toThrow('there is no shape "osfc"')
})
