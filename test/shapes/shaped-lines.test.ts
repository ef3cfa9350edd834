// Batches of lines in another shape, and how each shape's documents begin.
import { expect, test } from 'vitest'
import { shapeNames } from '../../src/shapes/shape.ts'
import { shapedLines } from '../../src/shapes/shaped-lines.ts'
import { shapes } from '../../src/shapes/shapes.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { lineWith } from './events.ts'

const texts = [lineWith(leastEvent, undefined, 1), lineWith(fullEvent, 'é', 2)]
const batch = {
  lines: Buffer.from(`${texts.join('\n')}\n`),
  lengths: Uint32Array.from(texts, (text) => Buffer.byteLength(text)),
  count: 2,
}

test('lines that stay as they are are not copied', () => {
  expect(shapedLines(batch, 'affiant')).toBe(batch)
})

test.each(shapeNames)('%s: one document a line, the rest of the batch as it was', (name) => {
  const { lines, lengths, count } = shapedLines(batch, name)
  expect(count).toBe(2)
  const documents = lines.toString().split('\n')
  expect(documents.pop()).toBe('')
  expect([...lengths]).toEqual(documents.map((text) => Buffer.byteLength(text)))
  expect(documents.flatMap((text) => shapes[name].read(JSON.parse(text)))).toEqual(texts)
  for (const text of documents) expect(text.startsWith(shapes[name].beginning)).toBe(true)
})

test('a single line without its newline has none afterwards', () => {
  const single = { lines: Buffer.from(texts[1]!), lengths: Uint32Array.of(Buffer.byteLength(texts[1]!)) }
  const { lines, lengths } = shapedLines(single, 'ecs')
  expect(lines.toString()).toBe(shapes.ecs.write(texts[1]!))
  expect(lengths[0]).toBe(lines.length)
})

test('no shape begins like another', () => {
  for (const one of shapeNames) {
    const like = shapeNames.filter((other) => shapes[other].beginning.startsWith(shapes[one].beginning))
    expect(like).toEqual([one])
  }
})
