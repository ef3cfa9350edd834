/** Which field of a record lands in which member, read off a mapping. */
import type {
  Candidate,
  ListEntry,
  Mapping,
  Part,
  Reference,
  Value,
} from '../src/normalise/mapping/mapping.ts'

export interface FieldUse {
  readonly field: string
  /** `actor.id`, `targets[].scope[].id` */
  readonly member: string
  /** How it gets there, where not as it is: `translated`, `in a text` … */
  readonly how: string
}

export interface PresetFields {
  /** In the order in which fields are met first. */
  readonly uses: readonly FieldUse[]
  readonly constants: readonly { readonly member: string; readonly value: unknown }[]
}

interface Around {
  readonly member: string
  /** What paths of an element are below: `items[]`. */
  readonly each: string | undefined
  readonly how: readonly string[]
}

export function fieldsOf(mapping: Mapping): PresetFields {
  const reader = new FieldReader(mapping)
  for (const [member, value] of Object.entries(mapping.targets)) reader.value(value, at(member))
  for (const [name, value] of Object.entries(mapping.metadata)) reader.value(value, at(`metadata.${name}`))
  for (const [member, entries] of Object.entries(mapping.lists)) reader.entries(entries, at(member))
  return reader
}

const at = (member: string): Around => ({ member, each: undefined, how: [] })

class FieldReader implements PresetFields {
  readonly uses: FieldUse[] = []
  readonly constants: { readonly member: string; readonly value: unknown }[] = []
  readonly #mapping: Mapping

  constructor(mapping: Mapping) {
    this.#mapping = mapping
  }

  entries(entries: readonly ListEntry[], around: Around): void {
    for (const { each, members, lists, free } of entries) {
      const own = each === undefined ? around.each : `${this.#name(each.text, around.each)}[]`
      const inner = (name: string): Around => ({ ...around, each: own, member: `${around.member}[].${name}` })
      for (const [name, value] of Object.entries(members)) this.value(value, inner(name))
      for (const [name, values] of Object.entries(free)) {
        for (const [key, value] of Object.entries(values)) this.value(value, inner(`${name}.${key}`))
      }
      for (const [name, list] of Object.entries(lists)) this.entries(list, inner(name))
    }
  }

  value(value: Value, around: Around): void {
    for (const candidate of value) this.#candidate(candidate, around)
  }

  #candidate(candidate: Candidate, around: Around): void {
    const { source } = candidate
    const inner = { ...around, how: [...around.how, ...changes(candidate)] }
    switch (source.kind) {
      case 'const':
        this.constants.push({ member: around.member, value: source.value })
        return
      case 'template':
        for (const part of source.parts.flatMap((each) =>
          typeof each === 'object' && 'optional' in each ? each.optional : [each],
        ))
          this.#part(part, { ...inner, how: [...inner.how, 'in a text'] })
        return
      case 'field':
        this.#use(candidate.text, { ...inner, how: [...inner.how, 'name computed'] })
        return
      case 'all':
        for (const each of source.values) this.value(each, inner)
        return
      default:
        this.#reference(source, inner)
    }
  }

  #part(part: Part, around: Around): void {
    if (typeof part === 'string') return
    for (const reference of part) this.#reference(reference, around)
  }

  #reference(reference: Reference, around: Around): void {
    if (reference.kind === 'key') {
      this.#use(`${around.each ?? ''} (its name)`, around)
      return
    }
    if (reference.kind === 'path') {
      this.#use(this.#name(reference.path.text, around.each), around)
      return
    }
    const { variables, targets } = this.#mapping
    const value = variables[reference.name] ?? targets[reference.name]
    // A variable that is made of itself is refused when the mapping is read.
    if (value !== undefined && around.how.length < 6) this.value(value, around)
  }

  #name(text: string, each: string | undefined): string {
    if (each === undefined || text.startsWith('$.')) return text.replace(/^\$\./, '')
    return text === '.' ? each : `${each}.${text}`
  }

  #use(field: string, { member, how }: Around): void {
    const use = { field, member, how: [...new Set(how)].join(', ') }
    const known = this.uses.some(
      (each) => each.field === field && each.member === member && each.how === use.how,
    )
    if (!known) this.uses.push(use)
  }
}

function changes({ table, match, split, time }: Candidate): string[] {
  return [
    ...(match === undefined && split === undefined ? [] : ['part']),
    ...(table === undefined ? [] : ['translated']),
    ...(time?.formats ?? []).filter((format) => format !== 'auto').map((format) => `as ${format}`),
  ]
}
