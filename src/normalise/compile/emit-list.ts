/** Generates the code for lists of objects: targets, scope, delegation, changes. */
import type { ListEntry, Reference } from '../mapping/mapping.ts'
import type { ListType } from '../mapping/targets.ts'
import { emitValue, presenceOf } from './emit-value.ts'
import type { Program } from './program.ts'
import { nodeAt } from './rest-node.ts'
import { literal, Scope } from './scope.ts'
import { isIndexLike } from './shape.ts'
import { variablesAsked, variablesOf } from './variables-of.ts'

/** Emits code that leaves the list, or undefined when it has no element, in a variable; returns its name. */
export function emitList(
  program: Program,
  scope: Scope,
  target: string,
  type: ListType,
  entries: readonly ListEntry[],
): string {
  for (const entry of entries) for (const name of variablesIn(entry)) program.variable(name)
  const list = program.name('l')
  program.emit(`let ${list};`)
  for (const entry of entries) {
    const code = program.captured(() => {
      if (entry.each === undefined) emitEntry(program, scope, target, type, entry, list)
      else emitEach(program, scope, target, type, entry, list)
    })
    const conditions = [
      ...(entry.otherwise ? [`${list} === undefined`] : []),
      ...(entry.when === undefined ? [] : [`${program.constant(entry.when)}(condition)`]),
    ]
    program.emit(conditions.length === 0 ? `{ ${code} }` : `if (${conditions.join(' && ')}) { ${code} }`)
  }
  return list
}

/** One element, where its conditions hold. */
function emitEntry(
  program: Program,
  scope: Scope,
  target: string,
  type: ListType,
  entry: ListEntry,
  list: string,
): void {
  const conditions = presenceOf(program, scope, entry)
  const code = program.captured(() => emitElement(program, scope, target, type, entry, list))
  program.emit(conditions.length === 0 ? code : `if (${conditions.join(' && ')}) { ${code} }`)
}

/** What it needs is read first: without it nothing else is consumed. */
function emitElement(
  program: Program,
  scope: Scope,
  target: string,
  type: ListType,
  entry: ListEntry,
  list: string,
): void {
  const members = new Map<string, string>()
  const emitMember = (name: string) => {
    const value = entry.members[name]
    if (value === undefined) return
    const slot = { target: `${target}.${name}`, type: type.members[name]!, consumes: true }
    members.set(name, emitValue(program, scope, slot, value))
  }
  type.needs.forEach(emitMember)
  const present = [...members.values()].map((name) => `${name} !== undefined`).join(' || ')
  const rest = program.captured(() => {
    for (const name of Object.keys(type.members)) if (!type.needs.includes(name)) emitMember(name)
    for (const [name, inner] of Object.entries(type.lists ?? {})) {
      const nested = entry.lists[name]
      if (nested !== undefined) {
        members.set(name, emitList(program, scope, `${target}.${name}`, inner, nested))
      }
    }
    for (const [name, values] of Object.entries(entry.free)) {
      members.set(name, emitFree(program, scope, `${target}.${name}`, values))
    }
    for (const [name, member] of Object.entries(type.members)) {
      if (member.kind !== 'enum') continue
      const mapped = members.get(name)
      members.set(name, `${mapped ?? 'undefined'} ?? ${literal(member.fallback)}`)
    }
    const sorted = [...members].toSorted(([a], [b]) => (a < b ? -1 : 1))
    program.emit(
      `(${list} ??= []).push({ ${sorted.map(([name, value]) => `${name}: ${value}`).join(', ')} });`,
    )
  })
  if (present !== '') program.emit(`if (${present}) { ${rest} }`)
}

/** An object of free names, or undefined when none has a value. */
export function emitFree(
  program: Program,
  scope: Scope,
  target: string,
  values: ListEntry['free'][string],
): string {
  const names = Object.keys(values).toSorted()
  const redaction = (name: string) => program.options.redacted(name)
  const members = names.map((name): [string, string] => {
    const slot = { target: `${target}.${name}`, type: { kind: 'any' } as const, consumes: true }
    const value = emitValue(program, scope, slot, values[name]!)
    if (!redaction(name)) return [name, value]
    const masked = program.name('m')
    program.emit(
      `const ${masked} = ${value} === undefined ? undefined : redactedMember(${literal(name)}, ${literal(slot.target)}, ${value});`,
    )
    return [name, masked]
  })
  const result = program.name('o')
  const present = members.map(([, value]) => `${value} !== undefined`).join(' || ')
  // Computed keys: a literal `__proto__:` would set the prototype.
  const object = members.map(([name, value]) => `[${literal(name)}]: ${value}`).join(', ')
  const unsafe = names.some(isIndexLike) ? 'state.unsafe = true;' : ''
  program.emit(`let ${result}; if (${present}) { ${result} = { ${object} }; ${unsafe} }`)
  return result
}

function emitEach(
  program: Program,
  scope: Scope,
  target: string,
  type: ListType,
  entry: ListEntry,
  list: string,
): void {
  const path = entry.each!
  const item = program.name('item')
  const key = program.name('key')
  const inner = new Scope(item, program.name('e'), program.options.redacted, key)
  const { whole: asked, each: ofElements } = conditionsOf(entry)
  const { if: _if, unless: _unless, ...element } = entry
  const conditions = presenceOf(program, scope, asked)
  const body = program.captured(() =>
    emitEntry(program, inner, target, type, { ...element, ...ofElements }, list),
  )
  const flags = program.constant(new Int32Array(Math.max(1, inner.words)))
  const node = program.constant(inner.node)
  const whole = inner.node.bit === 0 ? 'false' : `(${inner.flag(inner.node.word)} & ${inner.node.bit}) !== 0`
  const items = program.name('items')
  const keys = program.name('keys')
  const leftover = program.name('left')
  const some = program.name('some')
  const consumed = scope.consume(path)
  const member = literal(`unmapped.${path.text}`)
  const values = scope.read(path)
  // Where no element can count nothing is walked over: what is left of it is for other entries to say.
  const walked = conditions.length === 0 ? values : `${conditions.join(' && ')} ? ${values} : undefined`
  program.emit(`
const ${items} = ${walked};
const ${keys} = keysOf(${items});
const count = ${keys} === undefined ? ${items}.length : ${keys}.length;
if (count > 0) {
  const ${leftover} = []; let ${some} = ${keys} !== undefined && count < Object.keys(${items}).length;
  for (let i = 0; i < count; i++) {
    const ${key} = ${keys} === undefined ? i : ${keys}[i];
    const ${item} = ${items}[${key}];
    ${inner.declareFlags()}
    ${inner.loads.join(' ')}
    ${body}
    if (${whole}) { ${leftover}.push(${keys} === undefined ? ${item} : undefined); continue; }
    ${inner.storeFlags(flags)}
    const rest = restOfItem(${item}, ${node}, ${flags}, ${member}, ${key});
    if (rest !== undefined) ${some} = true;
    ${leftover}.push(rest);
  }
  if (${some}) leave(${program.constant(nodeAt(scope.node, path.segments))}, ${items}, ${keys}, ${leftover}, ${member});
  else { ${consumed} }
}`)
}

type Conditions = Pick<ListEntry, 'if' | 'unless'>

/** Conditions that are the same for every element, and those that look at each. */
function conditionsOf({ if: present, unless: absent }: Conditions): { whole: Conditions; each: Conditions } {
  const isSame = (references: readonly Reference[] | undefined) =>
    references?.every((one) => one.kind === 'variable' || (one.kind === 'path' && one.path.base === 'record'))
  const part = (same: boolean): Conditions => ({
    ...(present !== undefined && isSame(present) === same ? { if: present } : {}),
    ...(absent !== undefined && isSame(absent) === same ? { unless: absent } : {}),
  })
  return { whole: part(true), each: part(false) }
}

function variablesIn(entry: ListEntry): string[] {
  return [
    ...variablesAsked(entry),
    ...Object.values(entry.members).flatMap(variablesOf),
    ...Object.values(entry.free).flatMap((values) => Object.values(values).flatMap(variablesOf)),
    ...Object.values(entry.lists).flatMap((entries) => entries.flatMap(variablesIn)),
  ]
}
