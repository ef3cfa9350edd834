/** The function being generated: names, constants, statements, and what a mapping's variables became. */
import type { Mapping } from '../mapping/mapping.ts'
import { memberTypes } from '../mapping/targets.ts'
import { emitValue } from './emit-value.ts'
import { literal, Scope } from './scope.ts'
import type { Slot } from './slot.ts'
import { createTimeReader } from './time-format.ts'

export interface ProgramOptions {
  readonly zone: string | undefined
  readonly redacted: (key: string) => boolean
  /** Whether the code tells where each value came from. */
  readonly explains: boolean
}

export class Program {
  readonly mapping: Mapping
  readonly record: Scope
  /** Values the code refers to, by position: `c[0]`, `c[1]` … */
  readonly constants: unknown[] = []
  readonly options: ProgramOptions
  #body: string[] = []
  readonly #last: string[] = []
  #names = 0
  readonly #variables = new Map<string, string>()
  readonly #pending = new Set<string>()
  readonly #readers = new Map<string, string>()

  constructor(mapping: Mapping, options: ProgramOptions) {
    this.mapping = mapping
    this.options = options
    this.record = new Scope('record', 'r', options.redacted)
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  /** A name for a value that exists when the code is generated. */
  constant(value: unknown): string {
    this.constants.push(value)
    return `c${this.constants.length - 1}`
  }

  emit(code: string): void {
    this.#body.push(code)
  }

  /** What `write` emits, apart from the rest. */
  captured(write: () => void): string {
    const outer = this.#body
    this.#body = []
    write()
    const code = this.#body.join('\n')
    this.#body = outer
    return code
  }

  /** Behind all else, where it is known what was consumed. */
  emitLast(code: string): void {
    this.#last.push(code)
  }

  get code(): string {
    return [...this.#body, ...this.#last].join('\n')
  }

  /** The name that holds a variable's or a text target's value, emitted now unless it was before. */
  variable(name: string): string {
    const known = this.#variables.get(name)
    if (known !== undefined) return known
    // A variable that needs itself has no value.
    if (this.#pending.has(name)) return 'undefined'
    this.#pending.add(name)
    const own = Object.hasOwn(this.mapping.variables, name) ? this.mapping.variables[name] : undefined
    const value = own ?? this.mapping.targets[name] ?? []
    const type = own === undefined ? memberTypes[name]! : ({ kind: 'text' } as const)
    const slot: Slot = { target: own === undefined ? name : `$${name}`, type, consumes: own === undefined }
    const result = emitValue(this, this.record, slot, value)
    this.#pending.delete(name)
    this.#variables.set(name, result)
    return result
  }

  /** One reader for the same formats and zone. */
  timeReader(formats: readonly string[], zone: string | undefined): string {
    const effective = zone ?? this.options.zone
    const key = JSON.stringify([formats, effective])
    let name = this.#readers.get(key)
    if (name === undefined) {
      name = this.constant(createTimeReader(formats, effective))
      this.#readers.set(key, name)
    }
    return name
  }

  /** The statement that notes where a value came from. `source` and `value` are expressions. */
  explain({ target }: Pick<Slot, 'target'>, source: string, value: string): string {
    if (!this.options.explains || target === '' || target.startsWith('$')) return ''
    return `state.explained.push({ source: ${source}, target: ${literal(target)}, value: ${value} });`
  }
}
