/** Values that a line could have instead of its own: unlike any other, and treated by the mapping as its own are. */
import { plainNumberEnd } from './plain-value.ts'
import type { Shape } from './shape.ts'
import { alone } from './slot-class.ts'
import type { PlannedPart, SlotPart } from './slot-part.ts'
import type { SlotTime } from './slot-time.ts'

/** How the values of a line are treated, slot by slot. */
export interface Plan {
  readonly shape: Shape
  /** Of every slot: `alone` where its value decides, else what it has in common with others that decide alike. */
  readonly classes: readonly number[]
  classOf(slot: number, value: Uint8Array): number
  /** Slots that are read as times. */
  readonly times: readonly PlannedTime[]
  /** Parts of slots that are read, where a pattern takes one. */
  readonly parts: readonly PlannedPart[]
}

interface PlannedTime {
  readonly slot: number
  readonly reader: SlotTime
}

/** Two sorts, so that what one of them happens to be can be told from what any is. */
export type Sort = 'marks' | 'others'

const texts: Readonly<Record<Sort, (slot: number) => string>> = {
  marks: (slot) => `mark ${slot} of a slot~`,
  // Digits as text: what a mapping might take for a number. No code or level that a table would know.
  others: (slot) => String(70_000_003 + slot),
}
const numbers: Readonly<Record<Sort, (slot: number) => string>> = {
  marks: (slot) => String(600_000_000_000_000 + slot),
  others: (slot) => `-${slot + 1}.5`,
}
/** Where only a whole number of a few digits will do: a port. */
const smallNumbers: Readonly<Record<Sort, (slot: number) => string>> = {
  marks: (slot) => String(61_037 + slot),
  others: (slot) => String(52_023 + slot),
}
/** Where only an address will do, of the one version or the other. */
const addresses: Readonly<Record<Sort, (slot: number) => readonly string[]>> = {
  marks: (slot) => [`198.${100 + (slot >> 6)}.${100 + (slot & 63)}.171`, `2001:db8::${1000 + slot}:7a7a`],
  others: (slot) => [`203.${100 + (slot >> 6)}.${100 + (slot & 63)}.231`, `2001:db8::${1000 + slot}:5b5b`],
}
const firstTimes: Readonly<Record<Sort, readonly string[]>> = {
  // Digits that stand in no other number of a line: an account may well be called 123456789012.
  marks: ['1971-03-05T04:05:06.789Z', '1085937461'],
  others: ['2031-12-30T23:59:58+02:00', '1195837462'],
}

/** A value for each slot; undefined when there is none for one of them. */
export function valuesFor(plan: Plan, own: readonly Uint8Array[], sort: Sort): Uint8Array[] | undefined {
  const values: Uint8Array[] = []
  const isUsed = (text: string) => [...own, ...values].some((value) => textOf(value) === text)
  for (const [slot, { kind }] of plan.shape.slots.entries()) {
    const value =
      plan.classes[slot] === alone
        ? own[slot]
        : anotherValue(plan, { slot, kind, own: own[slot]! }, sort, isUsed)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function anotherValue(
  plan: Plan,
  {
    slot,
    kind,
    own,
  }: { readonly slot: number; readonly kind: 'string' | 'number'; readonly own: Uint8Array },
  sort: Sort,
  isUsed: (text: string) => boolean,
): Uint8Array | undefined {
  const time = plan.times.find((one) => one.slot === slot)
  if (time !== undefined) return timeLike(time.reader, textOf(own), kind, sort, isUsed)
  const readers = partReaders(plan, slot, own)
  if (readers.length > 0) return valueWithPartsLike(plan, slot, { own, readers }, sort)
  const mark = Buffer.from((kind === 'string' ? texts : numbers)[sort](slot))
  // Mostly anything will do.
  if (plan.classOf(slot, mark) === plan.classes[slot]) return mark
  const special = kind === 'string' ? addresses[sort](slot) : []
  return valueLike(plan, slot, { own, mark }, [smallNumbers[sort](slot), ...special])
}

function valueLike(
  plan: Plan,
  slot: number,
  { own, mark }: { readonly own: Uint8Array; readonly mark: Uint8Array },
  special: readonly string[],
): Uint8Array | undefined {
  // Patterns take beginnings and ends.
  const candidates = [
    Buffer.concat([own, mark]),
    Buffer.concat([mark, own]),
    Buffer.concat([own, mark, own]),
    ...special.map((text) => Buffer.from(text)),
  ]
  return candidates.find((candidate) => plan.classOf(slot, candidate) === plan.classes[slot])
}

const partTexts: Readonly<Record<Sort, (slot: number, index: number) => readonly string[]>> = {
  marks: (slot, index) => [
    `mark${slot}part${index}`,
    `${'qzx'.repeat(3)}${lettersOf(slot, index)}`,
    `7130${slot}5${index}0317`,
  ],
  others: (slot, index) => [
    `Other${slot}of${index}`,
    `${'vjk'.repeat(3)}${lettersOf(slot, index)}`,
    `8${slot}6${index}`,
  ],
}
const lettersOf = (...numbers: readonly number[]): string =>
  numbers.join('x').replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))

/** Readers of what is taken of a text, the shorter first: one within another is another text as soon as that is. */
function partReaders({ parts }: Plan, slot: number, own: Uint8Array): readonly SlotPart[] {
  const text = textOf(own)
  return parts
    .flatMap(({ slot: of, reader }) => (of === slot && reader.read(text) !== undefined ? reader : []))
    .toSorted((a, b) => a.read(text)!.length - b.read(text)!.length)
}

/** Another value, with other texts where parts are taken; undefined where none is found for one of them. */
function valueWithPartsLike(
  plan: Plan,
  slot: number,
  { own, readers }: { readonly own: Uint8Array; readonly readers: readonly SlotPart[] },
  sort: Sort,
): Buffer | undefined {
  let text = textOf(own)
  const marks: string[] = []
  for (const [index, reader] of readers.entries()) {
    const part = reader.read(text)
    if (part === undefined) return undefined
    if (marks.some((mark) => part.includes(mark))) continue
    const mark = partTexts[sort](slot, index).find((one) => {
      const changed = changedPart(plan, slot, { text, part, reader }, one)
      text = changed ?? text
      return changed !== undefined
    })
    if (mark === undefined) return undefined
    marks.push(mark)
  }
  return Buffer.from(text, 'latin1')
}

/** The text with another one where the part stands; undefined where it is then taken in another way. */
function changedPart(
  plan: Plan,
  slot: number,
  { text, part, reader }: { readonly text: string; readonly part: string; readonly reader: SlotPart },
  mark: string,
): string | undefined {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const changed = `${text.slice(0, at)}${mark}${text.slice(at + part.length)}`
    const isAlike = plan.classOf(slot, Buffer.from(changed, 'latin1')) === plan.classes[slot]
    if (isAlike && reader.read(changed) === mark) return changed
  }
  return undefined
}

/** Another time of the same form. */
function timeLike(
  reader: SlotTime,
  own: string,
  slotKind: 'string' | 'number',
  sort: Sort,
  isUsed: (text: string) => boolean,
): Buffer | undefined {
  const time = reader.readText(own)
  if (time === undefined) return undefined
  const { kind } = reader
  for (const candidate of timesLike(own, sort)) {
    if (isUsed(candidate)) continue
    const bytes = Buffer.from(candidate)
    if (slotKind === 'number' && plainNumberEnd(bytes, 0, bytes.length) !== bytes.length) continue
    const other = reader.readText(candidate)
    if (other !== undefined && other !== time && reader.kind === kind) return bytes
  }
  return undefined
}

function* timesLike(own: string, sort: Sort): Generator<string> {
  for (const first of firstTimes[sort]) {
    yield first
    // Another fraction or second for each further slot.
    for (let digit = 0; digit < 9; digit++) yield first.replace(/\d(?=\D*$)/, String(digit))
  }
  // One digit of its own changed: from behind, so that days and months stay what they are.
  const digits = sort === 'marks' ? [1, 2, 3, 4] : [5, 6, 7, 8, 9]
  for (let at = own.length - 1; at >= 0; at--) {
    const digit = own.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) continue
    for (const step of digits) yield `${own.slice(0, at)}${(digit + step) % 10}${own.slice(at + 1)}`
  }
}

/** Text of bytes, one character each. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
