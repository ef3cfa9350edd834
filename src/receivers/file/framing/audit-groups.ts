/**
 * Events of Linux auditd, of several lines that others may stand between: all lines of one host, time and serial are one
 * record. They leave in the order of their first lines.
 *
 * A record is whole with its last line (EOE, PROCTITLE, or the only one of a program's message), or when `reach` lines
 * came without one of its own, or nothing for the timeout. What comes later is a record of its own, and says so. EOE
 * alone says nothing and is no record. All but the timeout depends on the lines alone, so that reading again from any
 * position gives the same records.
 */
import { type AuditLine, readAuditLine } from './audit-line.ts'
import type { Emit, Joiner, Output, Quiet } from './joiner.ts'
import type { PendingRecord } from './pending-record.ts'

/** Lines. The kernel queues an event's lines one after the other; those of other processors come in between. */
const reach = 512
/** Events that ended lately, whose later lines are told as such. */
const remembered = 4_096

interface Group {
  readonly key: string
  readonly output: Output
  readonly record: PendingRecord
  isWhole: boolean
  /** The number of its last line. */
  last: number
  /** Monotonic milliseconds. */
  touched: number
}

export class AuditGroups implements Joiner {
  readonly #emit: Emit
  /** In the order of their first lines; those before `#first` have left. */
  #queue: Group[] = []
  #first = 0
  /** Those that are not whole, by host, time and serial. */
  readonly #open = new Map<string, Group>()
  readonly #ended = new Set<string>()
  #lines = 0
  #held = 0

  constructor(emit: Emit) {
    this.#emit = emit
  }

  get isEmpty(): boolean {
    return this.#first === this.#queue.length
  }

  get held(): number {
    return this.#held
  }

  get pending(): readonly PendingRecord[] {
    return this.#queue.slice(this.#first).map(({ record }) => record)
  }

  take(output: Output, line: PendingRecord, now: number): PendingRecord | undefined {
    const read = line.isBlank ? undefined : readAuditLine(line.text())
    const group =
      read === undefined ? this.#begin(output, line, undefined, now) : this.#add(output, line, read, now)
    this.#leave()
    return group?.isWhole === false ? group.record : undefined
  }

  pass(): void {
    this.#lines += 1
  }

  isDue(quiet: Quiet): boolean {
    const head = this.#queue[this.#first]
    return head !== undefined && quiet(head.output, head.touched)
  }

  quiet(quiet: Quiet): void {
    for (const group of this.#open.values()) if (quiet(group.output, group.touched)) this.#end(group)
    this.#leave()
  }

  complete(output?: Output): void {
    for (const group of this.#open.values()) {
      if (output === undefined || group.output === output) this.#end(group)
    }
    this.#leave()
  }

  cutOldest(): { readonly record: PendingRecord; readonly isWhole: boolean } | undefined {
    const head = this.#queue[this.#first]
    if (head === undefined) return undefined
    const { isWhole, record } = head
    this.#end(head)
    this.#shift(head)
    return { record, isWhole }
  }

  #add(output: Output, line: PendingRecord, read: AuditLine, now: number): Group | undefined {
    const key = `${output} ${read.event}`
    let group = this.#open.get(key)
    if (group && this.#isOutOfReach(group)) {
      this.#end(group)
      group = undefined
    }
    if (group === undefined) {
      if (read.type === 'EOE') {
        this.#emitNothing(line)
        return undefined
      }
      if (this.#ended.has(key)) {
        line.warn([`a later part of the audit event ${read.stamp}, which had ended before it came`])
      }
      group = this.#begin(output, line, key, now)
    } else {
      this.#held -= group.record.held
      group.record.addLine(line)
      this.#held += group.record.held
      group.last = this.#lines
      group.touched = now
    }
    if (read.isLast) this.#end(group)
    return group
  }

  /** Without a key it is whole. */
  #begin(output: Output, record: PendingRecord, key: string | undefined, now: number): Group {
    const isWhole = key === undefined
    const group: Group = { key: key ?? '', output, record, isWhole, last: this.#lines, touched: now }
    this.#queue.push(group)
    this.#held += record.held
    if (key !== undefined) this.#open.set(key, group)
    return group
  }

  #isOutOfReach({ last }: Group): boolean {
    return this.#lines - last > reach
  }

  #end(group: Group): void {
    if (group.isWhole) return
    group.isWhole = true
    this.#open.delete(group.key)
    this.#ended.add(group.key)
    if (this.#ended.size <= remembered) return
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest)
      break
    }
  }

  /** Those at the head that are whole. */
  #leave(): void {
    for (;;) {
      const head = this.#queue[this.#first]
      if (head === undefined) break
      if (!head.isWhole && this.#isOutOfReach(head)) this.#end(head)
      if (!head.isWhole) break
      this.#shift(head)
      this.#emit(head.record)
    }
  }

  #shift({ record }: Group): void {
    this.#held -= record.held
    this.#first += 1
    if (this.#first === this.#queue.length || this.#first > 1_024) {
      this.#queue = this.#queue.slice(this.#first)
      this.#first = 0
    }
  }

  #emitNothing(line: PendingRecord): void {
    line.empty()
    this.#emit(line)
  }
}
