/**
 * A producer's chain: its records are numbered, and each names the one before it by id and by hash. Whether a record is the
 * next link (audit/data-model.md of the draft, "Ordering Attributes").
 */
import { booleanOf, integerOf, names, textOf, usedName } from './attributes.ts'
import type { TypedAttributes } from './canonical-record.ts'
import type { Judgement } from './judgement.ts'

/** What a record says of its place. */
export interface Link {
  /** Absent: the chain is the sender's, as far as that is known. */
  readonly stream?: string
  readonly number?: bigint
  /** Hex, as it was written. */
  readonly previousHash?: string
  readonly previousId?: string
  readonly end: boolean
}

/** How far a chain has come: its last record. */
export interface ChainState {
  readonly number: bigint | undefined
  /** SHA-256 of its canonical form, hex. */
  readonly hash: string
  readonly id: string
  readonly ended: boolean
  /** Whether records of it have named the one before them. */
  readonly linked: boolean
}

/**
 * `gap`: records before it never came here. `violation`: what is said of those that came is not so, which is how tampering
 * shows.
 */
export interface Finding {
  readonly kind: 'gap' | 'violation'
  readonly what: string
}

const longestStream = 512

/** Undefined where the record is of no chain. */
export function linkOf(attributes: TypedAttributes, { faults, advice }: Judgement): Link | undefined {
  const used = (among: readonly string[]) => usedName(attributes, among)
  const number = integerOf(attributes, used(names.number))
  const previousHash = textOf(attributes, used(names.previousHash))
  const previousId = textOf(attributes, used(names.previousId))
  const stream = textOf(attributes, used(names.stream))
  const end = booleanOf(attributes, used(names.end))
  if (number === null || (number !== undefined && number < 0n))
    faults.push('audit.sequence.number is no integer from 0 on')
  for (const [among, value] of [
    [names.previousHash, previousHash],
    [names.previousId, previousId],
    [names.stream, stream],
  ] as const)
    if (value === null || value === '') faults.push(`${used(among)} is no string, or empty`)
  if (stream && stream.length > longestStream)
    faults.push(`audit.sequence.stream_id is longer than ${longestStream} characters`)
  if (end === null) faults.push('audit.sequence.end is no boolean')
  if ([number, previousHash, previousId, stream, end].every((each) => each === undefined)) return undefined
  if (stream === undefined) advice.push('audit.sequence.stream_id')
  return {
    ...(stream && { stream }),
    ...(typeof number === 'bigint' && { number }),
    // The hash of nothing is how an early draft began a chain.
    ...(previousHash && previousHash.toLowerCase() !== hashOfNothing && { previousHash }),
    ...(previousId && { previousId }),
    end: end === true,
  }
}

const hashOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** What is to be said of a link behind `last`; `last` is undefined for the first of a chain that came here. */
export function checkLink(link: Link, last: ChainState | undefined): Finding[] {
  return last === undefined ? checkFirst(link) : checkNext(link, last)
}

function checkFirst({ number, previousHash, previousId }: Link): Finding[] {
  const pointer = previousHash !== undefined || previousId !== undefined
  if (pointer && number !== undefined && number <= 1n)
    return [violation(`it is number ${number} of its chain, the first, and names one before it`)]
  if (pointer)
    return [
      gap(`the record before it${previousId === undefined ? '' : `, ${shown(previousId)},`} never came here`),
    ]
  if (number !== undefined && number > 1n) return [gap(`its chain begins here with number ${number}`)]
  return []
}

function checkNext({ number, previousHash, previousId }: Link, last: ChainState): Finding[] {
  const findings: Finding[] = []
  if (last.ended)
    findings.push(violation(`it comes after ${shown(last.id)}, which was the last of its chain`))
  let isGap = false
  if (number !== undefined && last.number !== undefined) {
    const expected = last.number + 1n
    isGap = number > expected
    if (isGap)
      findings.push(
        gap(
          `${number - expected === 1n ? `number ${expected}` : `numbers ${expected} to ${number - 1n}`} of its chain never came here`,
        ),
      )
    else if (number < expected)
      findings.push(
        violation(`it is number ${number} of its chain, and number ${last.number} came before it`),
      )
    // What it names is not the one that came last.
    if (number < expected) return findings
  }
  const isNamed = previousId === last.id
  if (previousHash !== undefined && previousHash.toLowerCase() !== last.hash && (isNamed || !isGap))
    findings.push(violation(`its previous_hash is not the hash of the record before it, ${shown(last.id)}`))
  if (previousId !== undefined && !isNamed && !isGap)
    findings.push(
      violation(`it names ${shown(previousId)} as the record before it, and that was ${shown(last.id)}`),
    )
  if (previousHash === undefined && previousId === undefined && last.linked)
    findings.push(violation('it names no record before it, as only the first of a chain does'))
  return findings
}

/** How far the chain is with this record, whatever was found. */
export function advance(
  last: ChainState | undefined,
  link: Link,
  record: { readonly id: string; readonly hash: string },
): ChainState {
  const { number } = link
  const linked = (last?.linked ?? false) || link.previousHash !== undefined || link.previousId !== undefined
  // One that comes late, or after the end, leaves the chain where it was.
  if (last?.ended || (last?.number !== undefined && number !== undefined && number <= last.number))
    return { ...last, linked }
  return { number: number ?? last?.number, hash: record.hash, id: record.id, ended: link.end, linked }
}

const gap = (what: string): Finding => ({ kind: 'gap', what })
const violation = (what: string): Finding => ({ kind: 'violation', what })
const shown = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text)
