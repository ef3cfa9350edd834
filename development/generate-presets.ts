/** docs/presets/NAME.md for every preset, and the table of them in docs/presets.md: from the presets' YAML alone. */
import { isMap, isScalar, parseDocument } from 'yaml'
import { bareSpec } from '../src/agent/bare-spec.ts'
import { normaliseText } from '../src/agent/normalise-text.ts'
import { hashKeyOf } from '../src/attribution/keyed-hash.ts'
import { joiningOf } from '../src/normalise/joining.ts'
import type { DetectRule, Mapping, MappingTest } from '../src/normalise/mapping/mapping.ts'
import { parseMapping } from '../src/normalise/mapping/parse-mapping.ts'
import { compileNormaliser } from '../src/normalise/normaliser.ts'
import { findPreset, presetNames, presetText } from '../src/normalise/presets.ts'
import { fileReceiverConfig } from '../src/receivers/file/config.ts'
import { framingRules } from '../src/receivers/file/framing/rules.ts'
import { type FieldUse, fieldsOf } from './preset-fields.ts'
import { prettyJson } from './pretty-json.ts'

const begin = '<!-- generated: presets -->'
const end = '<!-- /generated -->'

/** `docs/presets.md` with the table of presets between its marks made anew. */
export function withPresets(page: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`docs/presets.md lacks ${begin} … ${end}`)
  const rows = presetNames().map((name) => {
    const { description } = findPreset(name)!
    return `| [\`${name}\`](presets/${name}.md) | ${cell(String(description))} |`
  })
  const table = ['| preset | reads |', '|---|---|', ...rows].join('\n')
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`
}

/** Each page with its text. */
export async function presetPages(): Promise<Readonly<Record<string, string>>> {
  const pages: Record<string, string> = {}
  for (const name of presetNames()) pages[`docs/presets/${name}.md`] = await renderPage(name)
  return pages
}

async function renderPage(name: string): Promise<string> {
  const raw = findPreset(name)!
  const mapping = mappingOf({ ...raw, guess: undefined })
  const { head, notes } = commentsOf(presetText(name)!)
  const sections = [
    `# ${name}\n\n<!-- Made of src/normalise/presets/${name}.yaml by npm run generate. -->`,
    `${String(raw.description)}. Version ${String(raw.version)}.`,
    head,
    reading(mapping, raw),
    `## How it is recognised\n\n${recognition(mapping.detect)}`,
    `## Which field lands where\n\n${fieldTable(mapping)}`,
    secretsOf(mapping),
    notes.length === 0
      ? ''
      : `## Traps and notes\n\n${notes.map(({ key, text }) => `- \`${key}\`: ${text}`).join('\n')}`,
    await example(name, mapping.tests[0]),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function mappingOf(raw: unknown): Mapping {
  const { mapping, problems } = parseMapping(raw, findPreset)
  if (mapping === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return mapping
}

/** The comment that a preset begins with, and those that stand before its members. */
function commentsOf(text: string): {
  readonly head: string
  readonly notes: { key: string; text: string }[]
} {
  const document = parseDocument(text)
  const { contents } = document
  const items = isMap(contents) ? contents.items : []
  const notes = items.flatMap(({ key }, i) => {
    // A comment before the first member is the file's own.
    const comment = isScalar(key) && i > 0 ? key.commentBefore : undefined
    return comment ? [{ key: String(key), text: sentence(comment) }] : []
  })
  const [first] = items
  const head = [
    document.commentBefore,
    contents?.commentBefore,
    isScalar(first?.key) && first.key.commentBefore,
  ]
  return {
    head: head
      .map((comment) => sentence(comment || ''))
      .join(' ')
      .trim(),
    notes,
  }
}

const sentence = (comment: string) => comment.replace(/\s*\n\s*/g, ' ').trim()

function reading({ decode, records, expand }: Mapping, raw: Readonly<Record<string, unknown>>): string {
  const lines = [`A record is decoded as \`${decode.name}\`.`]
  if (records !== undefined) lines.push(`Each element of \`${records.text}\` is a record of its own.`)
  for (const { path, as } of expand)
    lines.push(`\`${path.text}\` is a text that is decoded as \`${as.name}\`.`)
  if (typeof raw.extends === 'string') lines.push(`It starts from [\`${raw.extends}\`](${raw.extends}.md).`)
  const guesses = (raw.guess === undefined ? [] : [raw.guess].flat()) as { preset: string; under: string }[]
  const sources = guesses.map(({ preset, under }) => `[\`${preset}\`](${preset}.md) makes of \`${under}\``)
  if (sources.length > 0)
    lines.push(`What it finds nothing for itself is what ${sources.join(', then what ')}.`)
  return lines.join(' ')
}

function recognition(rules: readonly DetectRule[]): string {
  if (rules.length === 0) {
    return 'By nothing: it is named, or it is what `preset: auto` falls back to (`json` and `plain` for lines, `otlp` for log records).'
  }
  const conditions = rules.map(({ has, equals, pattern }) => {
    const parts = [
      ...equals.map(
        ({ path, values }) => `\`${path.text}\` is ${values.map((value) => `\`${value}\``).join(' or ')}`,
      ),
      ...(has.length === 0 ? [] : [`it has ${has.map(({ text }) => `\`${text}\``).join(', ')}`]),
      ...(pattern === undefined ? [] : [`the line matches \`${pattern}\``]),
    ]
    return `- ${parts.join(', and ')}`
  })
  return `By \`preset: auto\`, when${rules.length > 1 ? ' one of these holds' : ''}:\n\n${conditions.join('\n')}`
}

function fieldTable(mapping: Mapping): string {
  const { uses, constants } = fieldsOf(mapping)
  const byField = Map.groupBy(uses, ({ field }) => field)
  const rows = [...byField].map(([field, list]) => {
    // What is taken in several ways is named once.
    const members = [...Map.groupBy(list, ({ member }) => member).values()].map(([first]) => where(first!))
    return `| ${code(field)} | ${members.join('<br>')} |`
  })
  const fixed = Map.groupBy(constants, ({ member }) => member)
  const values = [...fixed].map(([member, list]) => {
    const texts = list.map(({ value }) => `\`${String(value)}\``)
    return `\`${member}\` ${[...new Set(texts)].join(' or ')}`
  })
  const table = rows.length === 0 ? '' : ['| field | member |', '|---|---|', ...rows].join('\n')
  const always = values.length === 0 ? '' : `Fixed, where it applies: ${values.join(', ')}.`
  return [table, always, 'What is not named here stays in `unmapped`, under its own name.']
    .filter((part) => part !== '')
    .join('\n\n')
}

function secretsOf({ secrets }: Mapping): string {
  if (secrets.length === 0) return ''
  const names = secrets.map((name) => `\`${name}\``).join(', ')
  return `## Secrets\n\nKept as keyed hashes, unless the producer has hidden them: ${names}. See [redaction](../redaction.md#secrets-of-known-formats).`
}

const where = ({ member, how }: FieldUse) => `\`${member}\`${how === '' ? '' : ` (${cell(how)})`}`
const cell = (text: string) => text.replaceAll('|', '\\|')
const code = (text: string) => (text.includes('`') ? cell(text) : `\`${cell(text)}\``)

/** When the example is read, where it does not say. */
const observed = Date.UTC(2026, 11, 1)

async function example(name: string, test: MappingTest | undefined): Promise<string> {
  if (test === undefined) return ''
  const spec = bareSpec(name, { preset: name }, [hashKeyOf(new Uint8Array(32))])
  const normaliser = compileNormaliser({ ...spec, ...(test.zone === undefined ? {} : { zone: test.zone }) })
  const framing = framingRules(
    fileReceiverConfig.parse({ type: 'file', include: ['example'] }),
    joiningOf({ preset: name }),
  )
  const events = await normaliseText(test.input, normaliser, framing, test.observed ?? observed)
  const after = events.map((event) => block('json', prettyJson(event))).join('\n\n')
  const title = `## An example\n\n${test.name.charAt(0).toUpperCase()}${test.name.slice(1)}:`
  return `${title}\n\n${before(test.input)}\n\nbecomes\n\n${after}`
}

function before(input: string): string {
  try {
    return block('json', prettyJson(JSON.parse(input)))
  } catch {
    return block('text', input)
  }
}

const block = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``
