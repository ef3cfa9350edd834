/** The table of members in docs/mapping.md: all that a mapping may fill, and what each takes. */
import { type ListType, listTypes, memberTypes, type TargetType } from '../src/normalise/mapping/targets.ts'

const begin = '<!-- generated: members -->'
const end = '<!-- /generated -->'

/** `page` with what stands between the marks made anew. */
export function withMembers(page: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`docs/mapping.md lacks ${begin} … ${end}`)
  const rows = [...memberRows(), ...Object.entries(listTypes).map(([name, type]) => listRow(name, type))]
  const table = ['| member | takes |', '|---|---|', ...rows].join('\n')
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`
}

/** Members of one group that take the same share a row. */
function memberRows(): string[] {
  const rows = new Map<string, string[]>()
  for (const [member, type] of Object.entries(memberTypes)) {
    const key = JSON.stringify([member.split('.').slice(0, -1).join('.'), typeText(type)])
    rows.set(key, [...(rows.get(key) ?? []), `\`${member}\``])
  }
  return [...rows].map(([key, members]) => {
    const [, text] = JSON.parse(key) as [string, string]
    return `| ${members.join(' ')} | ${text} |`
  })
}

function listRow(name: string, { members, lists, free }: ListType): string {
  const names = [...Object.keys(members), ...Object.keys(lists ?? {}), ...(free ?? [])]
  return `| \`${name}\` | a list of objects: ${names.map((each) => `\`${each}\``).join(' ')} |`
}

function typeText(type: TargetType): string {
  switch (type.kind) {
    case 'enum':
      return type.values.map((value) => `\`${value}\``).join(' ')
    case 'integer':
      return `a whole number, ${type.min.toLocaleString('en')} to ${type.max.toLocaleString('en')}`
    case 'boolean':
      return 'true or false'
    case 'texts':
      return 'texts: a list, or one'
    case 'time':
      return 'a time'
    case 'address':
      return 'an IP address; also one with a port, or a list of which it is the first'
    case 'number':
      return 'a number'
    case 'any':
      return 'anything'
    default:
      return 'a text, or a number as one'
  }
}
