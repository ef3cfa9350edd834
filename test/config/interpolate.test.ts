// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are what is tested
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pieces } from '../../src/config/interpolate.ts'
import { resolveTree } from '../../src/config/resolve.ts'
import type { ScalarNode } from '../../src/config/tree.ts'

const scalar = (value: string): ScalarNode => ({
  kind: 'scalar',
  position: { file: 'f', line: 1, column: 1 },
  value,
})

async function resolve(text: string, variables: Record<string, string>, file = 'content'): Promise<unknown> {
  const environment = { variables, readFile: () => Promise.resolve(Buffer.from(file)) }
  const { root } = await resolveTree(scalar(text), environment)
  return root.kind === 'scalar' ? root.value : undefined
}

describe('pieces', () => {
  test.each([
    ['plain', [{ kind: 'text', text: 'plain' }]],
    ['', []],
    ['^a$|b$', [{ kind: 'text', text: '^a$|b$' }]],
    ['$$', [{ kind: 'text', text: '$' }]],
    ['$${A}', [{ kind: 'text', text: '${A}' }]],
    [
      '$$${A}',
      [
        { kind: 'text', text: '$' },
        { kind: 'variable', name: 'A', fallback: undefined },
      ],
    ],
    ['${A:-}', [{ kind: 'variable', name: 'A', fallback: '' }]],
    ['${A:-$B:-c}', [{ kind: 'variable', name: 'A', fallback: '$B:-c' }]],
    ['${file:/run/a b}', [{ kind: 'file', path: '/run/a b' }]],
  ])('%s', (text, expected) => {
    expect(pieces(text)).toEqual(expected)
  })

  test.each(['${', 'a${b', '${}', '${1A}', '${A:=b}', '${file:}', '${a b}'])('%s is malformed', (text) => {
    expect(pieces(text).some((piece) => piece.kind === 'malformed')).toBe(true)
  })
})

describe('what a reference yields is never read again', () => {
  const hostile = fc.array(
    fc.constantFrom('$', '{', '}', '${A}', '${B:-x}', '${file:/y}', '$$', 'A', ':-', ' '),
  )

  test('a value that looks like a reference stays as it is', async () => {
    expect(await resolve('${A}', { A: '${B}', B: 'secret' })).toBe('${B}')
    expect(await resolve('${file:/a}', { B: 'secret' }, '${B}$$')).toBe('${B}$$')
    expect(await resolve('${A:-${B}}', { B: 'secret' })).toBe('${B}')
  })

  test('for any text and any values', async () => {
    const property = fc.asyncProperty(hostile, hostile, hostile, async (text, a, file) => {
      const written = text.join('')
      const variables = { A: a.join(''), B: 'b' }
      const content = `${file.join('')}!`
      const parts = pieces(written)
      if (parts.some((piece) => piece.kind === 'malformed')) return
      // Said independently of the code under test: each piece stands for itself, in order, once.
      const expected = parts
        .map((piece) => {
          if (piece.kind === 'text') return piece.text
          if (piece.kind === 'file') return content
          if (piece.kind !== 'variable') return ''
          const value = piece.name === 'A' ? variables.A : piece.name === 'B' ? variables.B : ''
          return piece.fallback !== undefined && value === '' ? piece.fallback : value
        })
        .join('')
      expect(await resolve(written, variables, content)).toBe(expected)
    })
    await fc.assert(property, { numRuns: 500 })
  })

  test('doubling every dollar gives back any text', async () => {
    const property = fc.asyncProperty(fc.string(), async (text) => {
      expect(await resolve(text.replaceAll('$', '$$$$'), { A: 'a' })).toBe(text)
    })
    await fc.assert(property, { numRuns: 300 })
  })
})
