/**
 * The built-in patterns: what looks like an e-mail address, a card number, an IBAN, a token, an address of the
 * network. Each one first asks for what it cannot do without (an `@`, thirteen digits), which most texts lack, and is
 * linear in the text. Numbers with a check digit are held against it: an order's number is no card.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { jwtPattern, placedPattern, tokenPattern } from '../secret-forms.ts'

/** `[start, end)` of each match, in order, without overlaps. */
export type Spans = readonly (readonly [start: number, end: number])[]

export type Find = (text: string) => Spans

const none: Spans = []

export const builtIn: Readonly<Record<string, Find>> = {
  card_number: cardNumbers,
  email: emails,
  iban: ibans,
  ip: addresses,
  jwt: (text) => (text.includes('eyJ') ? all(jwt, text) : none),
  token: tokens,
}

const jwt = new RegExp(jwtPattern, 'g')
const token = new RegExp(tokenPattern, 'g')
const placed = new RegExp(placedPattern, 'gi')

/** By their own form, and by what stands before them; what is both is one. */
function tokens(text: string): Spans {
  const found = text.length < 12 ? [] : all(token, text)
  const behind = /[=:]/.test(text) ? all(placed, text) : none
  if (behind.length === 0) return found
  const spans: [number, number][] = []
  for (const [start, end] of [...found, ...behind].toSorted(([a], [b]) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
    else spans.push([start, end])
  }
  return spans
}

function all(pattern: RegExp, text: string): (readonly [number, number])[] {
  return Array.from(text.matchAll(pattern), ({ index, 0: { length } }): [number, number] => [
    index,
    index + length,
  ])
}

const isWord = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)

/** Every character beyond ASCII counts, for names in any script. What separates parameters of a query does not. */
const isLocal = (code: number): boolean =>
  isWord(code) || code > 0x7f || "!#$%'*+^_`{|}~.-".includes(String.fromCharCode(code))
const isDomain = (code: number): boolean => isWord(code) || code > 0x7f || code === 0x2d || code === 0x2e

/** `name@host.tld`; in a query also `name%40host.tld`. */
function emails(text: string): Spans {
  if (!text.includes('@') && !text.includes('%40')) return none
  const found: [number, number][] = []
  let floor = 0
  for (const { index: at, 0: sign } of text.matchAll(/@|%40/g)) {
    const domain = at + sign.length
    if (at < floor) continue
    let start = at
    while (start > floor && isLocal(text.charCodeAt(start - 1))) start--
    let end = domain
    while (end < text.length && isDomain(text.charCodeAt(end))) end++
    end = domain + domainLength(text.slice(domain, end))
    const isAddress = start < at && end > domain
    if (isAddress) found.push([start, end])
    // Nothing is looked at twice, whatever the text.
    floor = isAddress ? end : domain
  }
  return found
}

/** As far as it is one: up to the last label that could be a top level's. 0 for what is no domain. */
function domainLength(text: string): number {
  const labels = text.split('.')
  const last = labels.findLastIndex((label) => /^[^\d-].*[^-]$/.test(label))
  if (last < 1 || labels.slice(0, last).includes('')) return 0
  return labels.slice(0, last + 1).join('.').length
}

/** Groups of digits, and how the networks' numbers begin. */
const digits = /\d+(?:[ +-]\d+)*/g
const issuer = /^(?:[3-6]|2[2-7])/
const shortestCard = 13
const longestCard = 19

function cardNumbers(text: string): Spans {
  if (!hasDigits(text, shortestCard)) return none
  if (text.length >= 36 && text.includes('-')) return cardNumbersIn(text.replaceAll(uuid, noDigits))
  return cardNumbersIn(text)
}

/** A UUID has groups of digits too, now and then. */
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const noDigits = '_'.repeat(36)

function cardNumbersIn(text: string): Spans {
  return all(digits, text).flatMap((run) => (run[1] - run[0] < shortestCard ? [] : cardsWithin(text, run)))
}

function hasDigits(text: string, count: number): boolean {
  let found = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x30 && code <= 0x39 && ++found === count) return true
  }
  return false
}

/** A card's number may be any groups that follow each other: what stands beside it may be digits too. */
function cardsWithin(text: string, [from, to]: readonly [number, number]): Spans {
  const groups = all(/\d+/g, text.slice(from, to)).map(([start, end]) => [from + start, from + end] as const)
  const found: [number, number][] = []
  for (let first = 0; first < groups.length; first++) {
    const start = groups[first]![0]
    if (isWord(text.charCodeAt(start - 1))) continue
    let number = ''
    let last: number | undefined
    for (let next = first; next < groups.length; next++) {
      const [begin, end] = groups[next]!
      if (number.length + end - begin > longestCard) break
      number += text.slice(begin, end)
      const isCard = number.length >= shortestCard && issuer.test(number) && isLuhn(number)
      if (isCard && !isWord(text.charCodeAt(end))) last = next
    }
    if (last === undefined) continue
    found.push([start, groups[last]![1]])
    first = last
  }
  return found
}

/** ISO/IEC 7812-1, annex B. */
function isLuhn(number: string): boolean {
  let sum = 0
  for (let i = 0; i < number.length; i++) {
    const digit = number.charCodeAt(number.length - 1 - i) - 0x30
    sum += i % 2 === 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9
  }
  return sum % 10 === 0
}

/** Two letters, two digits, and what the country's bank codes are made of, in groups of four or not. */
const ibanForm = /[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}/g

/** Characters of an IBAN by country: the registry of ISO 13616. */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    15: 'NO',
    16: 'BE',
    18: 'DK FI FK FO GL NL SD',
    19: 'MK SI',
    20: 'AT BA EE KZ LT LU MN XK',
    21: 'CH HR LI LV',
    22: 'BG BH CR DE GB GE IE ME RS VA',
    23: 'AE GI IL IQ OM SO TL',
    24: 'AD CZ ES MD PK RO SA SE SK TN VG',
    25: 'LY PT ST',
    26: 'IS TR',
    27: 'DJ FR GR IT MC MR SM',
    28: 'AL AZ BY CY DO GT HU LB NI PL SV',
    29: 'BR EG PS QA UA',
    30: 'JO KW MU YE',
    31: 'MT SC',
    32: 'LC',
    33: 'RU',
  }).flatMap(([length, countries]) => countries.split(' ').map((country) => [country, Number(length)])),
)

function ibans(text: string): Spans {
  if (text.length < 15) return none
  const found: [number, number][] = []
  ibanForm.lastIndex = 0
  for (let match = ibanForm.exec(text); match !== null; match = ibanForm.exec(text)) {
    const start = match.index
    const end = isWord(text.charCodeAt(start - 1)) ? undefined : ibanEnd(text, start)
    if (end !== undefined) found.push([start, end])
    ibanForm.lastIndex = end ?? start + 1
  }
  return found
}

/** Where the IBAN that begins here ends; undefined when it is none. */
function ibanEnd(text: string, start: number): number | undefined {
  const length = ibanLengths[text.slice(start, start + 2).toUpperCase()]
  if (length === undefined) return undefined
  let compact = ''
  let end = start
  for (; end < text.length && compact.length < length; end++) if (text[end] !== ' ') compact += text[end]
  if (compact.length < length || isWord(text.charCodeAt(end))) return undefined
  return isMod97(compact.toUpperCase()) ? end : undefined
}

/** ISO/IEC 7064, MOD 97-10. */
function isMod97(iban: string): boolean {
  let rest = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

const v4 = /\d{1,3}(?:\.\d{1,3}){3}/g
const v6 = /[0-9A-Fa-f:.]{2,}/g

function addresses(text: string): Spans {
  if (text.length < 2) return none
  const found: [number, number][] = []
  if (text.includes(':')) {
    for (const [start, end] of all(v6, text)) {
      const trimmed = v6Within(text, start, end)
      if (trimmed !== undefined) found.push(trimmed)
    }
  }
  if (!text.includes('.')) return found
  const outside = ([start, end]: readonly [number, number]) =>
    found.every(([from, to]) => end <= from || start >= to)
  const four = all(v4, text).filter(([start, end]) => {
    if (isWord(text.charCodeAt(start - 1)) || /^(?:\.?[0-9]|[A-Za-z])/.test(text.slice(end, end + 2)))
      return false
    return isIPv4(text.slice(start, end)) && outside([start, end])
  })
  return [...found, ...four].toSorted(([a], [b]) => a - b)
}

/** Colons and dots around an address belong to the sentence. */
function v6Within(text: string, start: number, end: number): [number, number] | undefined {
  if (isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(end))) return undefined
  const run = text.slice(start, end)
  const from = start + (/^:(?!:)/.test(run) ? 1 : 0)
  const to = end - (/(?:(?<!:):|\.)$/.exec(run)?.[0].length ?? 0)
  return to - from > 1 && to - from < 46 && isIPv6(text.slice(from, to)) ? [from, to] : undefined
}
