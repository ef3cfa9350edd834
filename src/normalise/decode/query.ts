/** The query of a URL, or the body of a form: `a=1&b=two+words&b=%C3%A9`. A key that comes twice has a list. */
import { parse } from 'node:querystring'
import { mostWeight } from '../../event/record-weight.ts'
import { setMember } from '../set-member.ts'
import type { Decoder } from './decoder.ts'
import { hasMore } from './has-more.ts'
import { onlyOptions } from './options.ts'

/** @throws Error that says what is wrong with the options */
export function createQueryDecoder(options: Readonly<Record<string, unknown>>): Decoder {
  onlyOptions(options, [])
  return {
    decode(text) {
      if (!/^\??[^\s=&]+=/.test(text)) return { ok: false, reason: 'query: there is no key=value' }
      const value: Record<string, unknown> = {}
      const query = parse(text.replace(/^\?/, ''), '&', '=', { maxKeys: mostWeight + 1 })
      for (const [key, member] of Object.entries(query)) setMember(value, key, member)
      if (!hasMore(text, '&')) return { ok: true, value, warnings: [] }
      const warning = `of more than ${mostWeight} pairs the others are not read`
      return { ok: true, value, warnings: [warning], partial: true }
    },
  }
}
