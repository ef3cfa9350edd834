/** Finds the fields of Keycloak's events in lines of text, where all are quoted: as `decodeKeycloak` takes them. */
import { type FieldFinder, type FieldPath, isPlainAscii, noLayout } from './field-finder.ts'
import { before, isEvent } from './keycloak.ts'
import { Layouts } from './layouts.ts'
import { NameLists } from './name-lists.ts'

const mostNames = 64
const headNames = ['time', 'level', 'logger', 'thread'] as const
/** Names that are no field's: they stand before the event. */
const ofHead: ReadonlySet<string> = new Set([...headNames, 'repeated', '__proto__'])
const isName = /^[A-Za-z_][\w.-]*$/

export class KeycloakFields implements FieldFinder {
  readonly places = new Int32Array(2 * mostNames)
  readonly #layouts = new Layouts()
  readonly #names = new NameLists()
  #count = 0

  find(bytes: Uint8Array, start: number, end: number): number {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    if (!isPlainAscii.test(text)) return noLayout
    const match = before.exec(text)
    if (match === null) return noLayout
    this.#count = 0
    const names: string[] = []
    let at = start
    for (let i = 0; i < headNames.length; i++) {
      const value = match[i + 1]
      if (value === undefined) continue
      if (value === '' || value.includes('"')) return noLayout
      at = start + text.indexOf(value, at - start)
      this.#add(at, at + value.length)
      names.push(headNames[i]!)
    }
    if (!this.#fields(text, start, match[0].length, names)) return noLayout
    const list = this.#names.of(names)
    return list < 0 ? noLayout : this.#layouts.of(list, 0)
  }

  pathsOf(layout: number): readonly FieldPath[] {
    return this.#names.at(this.#layouts.at(layout).first).map((name) => [name])
  }

  /** `type="LOGIN", realmId="…"`, to the end of the line. */
  #fields(text: string, start: number, from: number, names: string[]): boolean {
    if (!isEvent.test(text.slice(from, from + longestBeginning))) return false
    for (let at = from; ; at += 2) {
      const equals = text.indexOf('="', at)
      const close = equals < 0 ? -1 : text.indexOf('"', equals + 2)
      if (close < 0) return false
      const name = text.slice(at, equals)
      if (!isName.test(name) || ofHead.has(name) || names.includes(name) || names.length >= mostNames)
        return false
      const isNothing = close === equals + 2 || (close === equals + 6 && text.startsWith('null', equals + 2))
      if (!isNothing) {
        this.#add(start + equals + 2, start + close)
        names.push(name)
      }
      at = close + 1
      if (at === text.length) return true
      if (!text.startsWith(', ', at)) return false
    }
  }

  #add(from: number, to: number): void {
    this.places[2 * this.#count] = from
    this.places[2 * this.#count + 1] = to
    this.#count++
  }
}

const longestBeginning = 'operationType='.length
