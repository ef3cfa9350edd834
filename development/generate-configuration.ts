/** The reference part of docs/configuration.md, from the same schemas that check a configuration. */
import { wholeConfig } from '../src/agent/config.ts'
import { type JsonSchema, jsonSchemaOf } from '../src/config/json-schema.ts'

const begin = '<!-- generated: reference -->'
const end = '<!-- /generated -->'

/** `page` with what stands between its marks made anew. */
export async function withReference(page: string): Promise<string> {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`docs/configuration.md lacks ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${await renderReference()}\n${page.slice(to)}`
}

async function renderReference(): Promise<string> {
  const root = jsonSchemaOf(await wholeConfig())
  const sections = Object.entries(root.properties ?? {}).map(([key, schema]) => {
    const required = root.required?.includes(key) === true ? ' Required.' : ''
    return `### \`${key}\`\n\n${sentence(schema)}${required}\n\n${body(key, schema)}`
  })
  return sections.join('\n')
}

/** A section is a map of settings, a list of maps, or a map of named things of several types. */
function body(key: string, schema: JsonSchema): string {
  const named = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
  const branches = named?.oneOf ?? named?.anyOf
  if (branches !== undefined)
    return branches
      .map((branch) => {
        const type = String(branch.properties?.type?.const)
        return `#### \`${key}.<name>\` with \`type: ${type}\`\n\n${sentence(branch)}\n\n${table(branch)}`
      })
      .join('\n')
  if (schema.items !== undefined) return table(schema.items)
  return table(schema)
}

/** With its full stop, whoever wrote it. */
const sentence = (schema: JsonSchema): string => (schema.description ?? '').replace(/[^.]$/, '$&.')

function table(schema: JsonSchema): string {
  const rows = rowsOf(schema, '')
  return rows.length === 0
    ? ''
    : `| key | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function rowsOf(schema: JsonSchema, before: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const name = `${before}${key}`
    if (member.const !== undefined && key === 'type') return []
    const inner = member.properties !== undefined ? member : undefined
    if (inner !== undefined) return [...own(name, member), ...rowsOf(inner, `${name}.`)]
    const list = member.items?.properties !== undefined ? member.items : undefined
    const row = line(name, typeOf(member), fallback(schema, key, member), sentence(member))
    return list === undefined ? [row] : [row, ...rowsOf(list, `${name}[].`)]
  })
}

/** A map of settings has no value of its own: a row only where there is something to say. */
function own(name: string, member: JsonSchema): string[] {
  if (member.description === undefined) return []
  const preset = JSON.stringify(member.default ?? {})
  return [line(name, 'map', preset === '{}' ? '' : `\`${preset.replaceAll(',', ', ')}\``, member.description)]
}

const line = (name: string, type: string, preset: string, meaning: string): string =>
  `| \`${name}\` | ${cell(type)} | ${cell(preset)} | ${cell(meaning)} |`

/** One line, without what Markdown would take for a column or a tag, and without a full stop. */
const cell = (text: string): string =>
  text
    .replace(/\.$/, '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`')

function fallback(parent: JsonSchema, key: string, member: JsonSchema): string {
  if (member.default !== undefined) return `\`${plain(member.default)}\``
  return parent.required?.includes(key) === true ? 'required' : ''
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function typeOf(schema: JsonSchema): string {
  // Titles name a kind of value in words: "a duration with its unit: …".
  if (schema.title !== undefined) return schema.title.replace(/^an? /, '').split(/:|,| as | with /)[0] ?? ''
  if (schema.const !== undefined) return `\`${plain(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${plain(value)}\``).join(', ')
  const branches = schema.oneOf ?? schema.anyOf
  if (branches !== undefined) return Array.from(new Set(branches.map(typeOf))).join(' or ')
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`
  if (schema.type === 'object')
    return typeof schema.additionalProperties === 'object'
      ? `map of ${typeOf(schema.additionalProperties)}`
      : 'map'
  if (schema.type === 'integer') return bounds('whole number', schema)
  if (schema.type === 'number') return bounds('number', schema)
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.type === 'string') return 'text'
  return 'anything'
}

function bounds(kind: string, { minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `${kind}, ${minimum} to ${maximum}`
  return minimum === undefined ? kind : `${kind}, ${minimum} or more`
}
