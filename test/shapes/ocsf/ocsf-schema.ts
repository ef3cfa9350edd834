/** Validates documents against the facts in test/fixtures/ocsf/, as OCSF's own validator does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Attribute {
  readonly type: string
  readonly object?: boolean
  readonly array?: boolean
  readonly required?: boolean
  readonly profiles?: readonly string[]
  readonly enum?: Readonly<Record<string, string>>
  readonly sibling?: string
}

interface Definition {
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] }
}

interface Schema {
  readonly version: string
  readonly types: Readonly<
    Record<string, { type?: string; regex?: string; max_len?: number; range?: [number, number] }>
  >
  readonly objects: Readonly<Record<string, Definition>>
  readonly classes: Readonly<
    Record<
      string,
      Definition & { uid: number; caption: string; category_uid: number; profiles: readonly string[] }
    >
  >
}

type Members = Readonly<Record<string, unknown>>

const fixtures = join(import.meta.dirname, '../../fixtures/ocsf')
const load = (version: string) =>
  JSON.parse(readFileSync(join(fixtures, `${version}.json`), 'utf8')) as Schema
const schemas: Readonly<Record<string, Schema>> = { '1.8.0': load('1.8.0'), '1.9.0': load('1.9.0') }

const isMap = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whatever the schema says against a document; [] when it is valid. */
export function problemsOf(document: Members): string[] {
  const { metadata, class_uid: uid } = document
  const schema = isMap(metadata) ? schemas[String(metadata.version)] : undefined
  if (schema === undefined || !isMap(metadata)) return ['metadata.version is none that is known']
  const eventClass = Object.values(schema.classes).find((each) => each.uid === uid)
  if (eventClass === undefined) return [`there is no class ${String(uid)}`]
  const profiles = metadata.profiles as readonly string[]
  const problems = profiles
    .filter((profile) => !eventClass.profiles.includes(profile))
    .map((profile) => `${eventClass.caption} has no profile ${profile}`)
  const { activity_id: activity, type_uid: type, category_uid: category, class_name: name } = document
  if (type !== Number(uid) * 100 + Number(activity))
    problems.push(`type_uid ${String(type)} is not of activity ${String(activity)}`)
  if (category !== eventClass.category_uid) problems.push(`category_uid ${String(category)}`)
  if (name !== eventClass.caption) problems.push(`class_name ${String(name)}`)
  new Check(schema, profiles, problems).members(document, eventClass, '')
  return problems
}

class Check {
  readonly #schema: Schema
  readonly #profiles: readonly string[]
  readonly #problems: string[]

  constructor(schema: Schema, profiles: readonly string[], problems: string[]) {
    this.#schema = schema
    this.#profiles = profiles
    this.#problems = problems
  }

  members(value: Members, { attributes, constraints }: Definition, path: string): void {
    for (const [name, each] of Object.entries(value)) {
      const attribute = attributes[name]
      if (attribute === undefined) this.#problems.push(`${path}${name} is unknown`)
      else if (!this.#applies(attribute)) this.#problems.push(`${path}${name} is of no profile that is named`)
      else this.#value(each, attribute, `${path}${name}`, value)
    }
    for (const [name, attribute] of Object.entries(attributes)) {
      const wanted = attribute.required === true && this.#applies(attribute)
      if (wanted && value[name] === undefined) this.#problems.push(`${path}${name} is missing`)
    }
    const { at_least_one: some, just_one: one } = constraints ?? {}
    const count = (names: readonly string[]) => names.filter((name) => value[name] !== undefined).length
    if (some !== undefined && count(some) === 0) this.#problems.push(`${path} has none of ${some.join(', ')}`)
    if (one !== undefined && count(one) !== 1) this.#problems.push(`${path} has not one of ${one.join(', ')}`)
  }

  #applies({ profiles }: Attribute): boolean {
    return (
      profiles === undefined || profiles === null || profiles.some((each) => this.#profiles.includes(each))
    )
  }

  #value(value: unknown, attribute: Attribute, path: string, parent: Members): void {
    if (attribute.array === true) {
      if (!Array.isArray(value) || value.length === 0) this.#problems.push(`${path} is no list with elements`)
      else for (const [i, each] of value.entries()) this.#one(each, attribute, `${path}[${i}]`, parent)
    } else this.#one(value, attribute, path, parent)
  }

  #one(value: unknown, attribute: Attribute, path: string, parent: Members): void {
    const { type } = attribute
    if (attribute.object === true) {
      if (!isMap(value)) this.#problems.push(`${path} is no object`)
      else if (type !== 'object') this.members(value, this.#schema.objects[type]!, `${path}.`)
      return
    }
    const definition = this.#schema.types[type]!
    const basic = definition.type ?? type
    if (!isOf(basic, value)) this.#problems.push(`${path} is no ${type}: ${JSON.stringify(value)}`)
    if (typeof value === 'string') {
      const { regex, max_len: most } = definition
      if (value === '') this.#problems.push(`${path} is empty`)
      if (regex !== undefined && !new RegExp(regex).test(value))
        this.#problems.push(`${path} is no ${type}: ${value}`)
      if (most !== undefined && value.length > most) this.#problems.push(`${path} is too long`)
    }
    const [least, most] = definition.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    if (typeof value === 'number' && (value < least || value > most))
      this.#problems.push(`${path} is out of range`)
    if (attribute.enum !== undefined) this.#enum(value, attribute, path, parent)
  }

  /** Beside an id stands its caption, and beside 99 the source's own word. */
  #enum(value: unknown, { enum: words = {}, sibling }: Attribute, path: string, parent: Members): void {
    const caption = words[String(value)]
    if (caption === undefined) this.#problems.push(`${path} knows no ${String(value)}`)
    if (sibling === undefined || sibling === 'type_name') return
    const beside = parent[sibling]
    if (value === 99 ? beside === undefined : beside !== undefined && beside !== caption) {
      this.#problems.push(`${sibling} beside ${path} is ${String(beside)}, not ${caption}`)
    }
  }
}

function isOf(basic: string, value: unknown): boolean {
  switch (basic) {
    case 'string_t':
      return typeof value === 'string'
    case 'integer_t':
    case 'long_t':
      return Number.isSafeInteger(value)
    case 'float_t':
      return typeof value === 'number'
    case 'boolean_t':
      return typeof value === 'boolean'
    default:
      return basic === 'json_t'
  }
}
