/** Which lines make up a record: what all rules for that have in common. */
import type { ContainerLine } from '../../../event/record.ts'
import { AuditGroups } from './audit-groups.ts'
import type { Continues } from './multiline.ts'
import { MultilineRecords } from './multiline-records.ts'
import type { PendingRecord } from './pending-record.ts'
import { QuotedRows } from './quoted-rows.ts'

/** Lines that belong together come from the same output. */
export type Output = ContainerLine['output'] | 'only'

/** `timeout`: milliseconds after which a record that nothing was added to is whole. */
export type JoiningRules =
  | { readonly kind: 'lines'; readonly continues: Continues; readonly timeout: number }
  | {
      readonly kind: 'quotes'
      readonly delimiter: string
      readonly quote: string
      readonly timeout: number
    }
  | { readonly kind: 'auditd'; readonly timeout: number }

/** Whether nothing was written to `output` for the timeout, and to what lay still since `touched` neither. */
export type Quiet = (output: Output, touched: number) => boolean

/** Records whose next line has not come. Those that are whole go to `emit`, which each is made with. */
export interface Joiner {
  readonly isEmpty: boolean
  /** Bytes in memory of what is in the making. */
  readonly held: number
  /** In the making, in the order of their first lines. */
  readonly pending: readonly PendingRecord[]
  /** A line that is whole and not oversize. Returns the record that it was added to, or begins, while that is in the making. */
  take(output: Output, line: PendingRecord, now: number): PendingRecord | undefined
  /** A line goes by, before it is taken, or because it was handed on before. */
  pass(): void
  isDue(quiet: Quiet): boolean
  /** What nothing was added to for the timeout is whole. */
  quiet(quiet: Quiet): void
  /** No more is expected of one output, or of any. */
  complete(output?: Output): void
  /** Gives up the oldest record: undefined where there is none. The caller emits it. */
  cutOldest(): { readonly record: PendingRecord; readonly isWhole: boolean } | undefined
}

export type Emit = (record: PendingRecord) => void

export function createJoiner(rules: JoiningRules, emit: Emit): Joiner {
  switch (rules.kind) {
    case 'lines':
      return new MultilineRecords(rules.continues, emit)
    case 'quotes':
      return new QuotedRows(rules, emit)
    case 'auditd':
      return new AuditGroups(emit)
  }
}
