/** The layout of a record, by the fields that it has and what is around it. */
import type { RecordLayout } from '../../event/record-layout.ts'
import type { AroundLayout } from './around-layout.ts'
import { type Became, become, fieldsOf, type Node } from './fields.ts'
import { tags } from './record-tags.ts'

export function layoutOf(end: Node, around: AroundLayout, number: number): RecordLayout {
  const literals: string[] = []
  const order: number[] = []
  let text = ''
  /** A value's place among the record's own is where its field came. */
  const write = ({ name, became, value }: Member) => {
    text += `${JSON.stringify(name)}:`
    if (became === become.text || became === become.number) {
      const quote = became === become.text ? '"' : ''
      literals.push(text + quote)
      order.push(value)
      text = quote
    } else text += words[became]
  }
  const { attributes, own, count } = membersOf(end)
  text = '{"attributes":{'
  for (const [i, member] of attributes.entries()) {
    if (i > 0) text += ','
    write(member)
  }
  text += '}'
  for (const member of own) {
    text += ','
    write(member)
  }
  const [first = '', ...others] = around.literals
  literals.push(`${text},${first}`, ...others)
  for (let i = 0; i < others.length; i++) order.push(count + i)
  const bytes = literals.map((literal) => Buffer.from(literal))
  let length = 0
  const ends = bytes.map((literal) => {
    length += literal.length
    return length
  })
  return {
    number,
    literals: new Uint8Array(Buffer.concat(bytes)),
    ends: Int32Array.from(ends),
    order: Int32Array.from(order),
  }
}

interface Member {
  readonly name: string
  readonly became: Became
  /** Which of the record's values it is, where it is one. */
  readonly value: number
}

const words = {
  [become.nothing]: '',
  [become.text]: '',
  [become.number]: '',
  [become.emptyText]: '""',
  [become.yes]: 'true',
  [become.no]: 'false',
} as const

/** What is unset is left out. */
function membersOf(end: Node) {
  const attributes: Member[] = []
  const own: Member[] = []
  let count = 0
  for (const { field, became } of fieldsOf(end)) {
    if (became === become.nothing) continue
    const member = { name: field.name, became, value: count }
    if (became === become.text || became === become.number) count++
    ;(field.tag === tags.attribute ? attributes : own).push(member)
  }
  return { attributes, own, count }
}
