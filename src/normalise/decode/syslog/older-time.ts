/**
 * Where the time of a header stands that is not RFC 5424's, as it is written: `Nov  3 09:15:00`, with a year and a fraction or
 * without, with the name of a zone or an offset behind it, with a weekday before it and the year at its end; or as RFC 3339 has
 * it, or with slashes. The preset `syslog` has a format for each of them.
 */

export interface OlderTime {
  readonly timestamp: string
  /** `*` or `.`: of a clock that was not set, or has lost its server. */
  readonly mark: string
  /** A colon stands behind it, as behind those of Cisco's devices. */
  readonly hasColon: boolean
  /** Characters of all that, with the space behind it. */
  readonly length: number
}

const clock = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`
const pointed = String.raw`\d\d:\d\d:\d\d(?:\.\d{1,9})?`
const day = String.raw`[A-Z][a-z]{2} (?:[ \d]\d|\d)`
const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
/**
 * Of the zones that have a name today, by their abbreviations in IANA's database: a word that is none of them is a host. They
 * stand for many, so that only the configuration says which is meant.
 */
const named =
  'ACDT|ACST|ADT|AEDT|AEST|AKDT|AKST|AST|AWST|BST|CAT|CDT|CEST|CET|CST|EAT|EDT|EEST|EET|EST|GMT|HDT|HKT|HST|IDT|IST|JST|KST|MDT|MSK|MST|NDT|NST|NZDT|NZST|PDT|PKT|PST|SAST|SST|UTC|WAT|WEST|WET|WIB|WIT|WITA'
const zone = String.raw` (?:${named}|[+-]\d\d:?\d\d)(?= )`
/** Before a colon, other names than UTC's are none of a program only where Cisco's code stands behind them. */
const ciscoZone = '(?: (?:UTC|GMT|[A-Z]{2,5}(?=: %)))?(?=: )'
const yearBehind = String.raw` (?:19|20)\d\d(?= )`

const forms = [
  String.raw`\d{4}(?:-\d\d-\d\d[T ]|/\d\d/\d\d )${clock}(?:Z|[+-]\d\d:?\d\d|${zone})?`,
  `(?:${weekday} )?${day} ${pointed}(?:${zone})?${yearBehind}`,
  `${weekday} ${day} ${pointed}(?:${zone})?(?= )`,
  String.raw`(?:${day} (?:\d{4} )?|\d{4} ${day} )${clock}(?:${ciscoZone}|${zone})?`,
]
const time = new RegExp(String.raw`^[:\s]?([*.]?)(${forms.join('|')})(:? )`)

/** Undefined where none stands at the beginning. */
export function readOlderTime(text: string): OlderTime | undefined {
  const found = time.exec(text)
  if (found === null) return undefined
  const [{ length }, mark = '', timestamp = '', behind] = found
  return { timestamp, mark, hasColon: behind === ': ', length }
}
