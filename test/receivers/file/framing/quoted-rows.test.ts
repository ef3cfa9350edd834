// Rows of CSV over several lines, and rows that were torn.
import { expect, test } from 'vitest'
import { beginning, feed, framingFor, type Rules, recordsOf, texts } from './framing.ts'

const rules: Rules = { joining: { kind: 'quotes', delimiter: ',', quote: '"', timeout: 1_000 } }

test.each([
  ['a newline in quotes', '1,"a\nb",2\n3\n', ['1,"a\nb",2', '3']],
  ['doubled quotes', '1,"a ""x""\n""b",2\n3\n', ['1,"a ""x""\n""b",2', '3']],
  ['a quote that looks like the end', '1,"a"",\n2,""b"\n3\n', ['1,"a"",\n2,""b"', '3']],
  ['a text that looks like rows', '1,"x\n2,""y"",3\n4\n"\n5\n', ['1,"x\n2,""y"",3\n4\n"', '5']],
  ['blank lines in quotes', '1,"a\n\n\nb"\n2\n', ['1,"a\n\n\nb"', '2']],
  ['CRLF', '1,"a\r\nb"\r\n2\r\n', ['1,"a\nb"', '2']],
  ['quotes within a field', '1,a"b\n2,c"d,"e\nf"\n', ['1,a"b', '2,c"d,"e\nf"']],
])('%s', async (_, content, expected) => {
  expect(await texts(content, rules)).toEqual(expected)
})

test('a torn row ends where the next one begins', async () => {
  const bytes = Buffer.from('1,"to\n2,"b",3\n4,"c"\n')
  const { framer } = await framingFor(bytes, rules)
  const machine = framer(beginning)
  const records = recordsOf([...feed(machine, bytes, Buffer.of(10)), ...machine.flush()])
  expect(records.map(({ text }) => text)).toEqual(['1,"to', '2,"b",3', '4,"c"'])
  expect(records[0]!.warnings).toEqual(['the row ends inside a quoted field: it was torn'])
})

test('a row is whole at once when its quotes are closed', async () => {
  const bytes = Buffer.from('1,"a\nb"\n')
  const { framer } = await framingFor(bytes, rules)
  expect(recordsOf(framer(beginning).push({ bytes, offset: 0, end: bytes.length }, 0))).toHaveLength(1)
})
