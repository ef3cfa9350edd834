/** Generates the code that holds a value against its target, and what is said of one that does not fit. */
import type { Candidate } from '../mapping/mapping.ts'
import type { TargetType } from '../mapping/targets.ts'
import { emitAddress } from './emit-address.ts'
import type { Program } from './program.ts'
import { literal } from './scope.ts'
import type { Slot } from './slot.ts'

interface Fit {
  readonly expression: string
  /** Statements for when it fits. */
  readonly taken: string
  /** An expression for whether the event then says all that the value does. */
  readonly whole?: string
}

/** @param place an expression for where the value stands, for `explain` */
export function emitFit(
  program: Program,
  { type, target }: Slot,
  { time, table }: Candidate,
  value: string,
  place: string,
): Fit {
  switch (type.kind) {
    case 'text':
      return { expression: table === undefined ? `text(${value})` : value, taken: '' }
    case 'texts':
      return { expression: `texts(${value})`, taken: '' }
    case 'enum':
      if (table !== undefined) return { expression: value, taken: '' }
      return { expression: `member(${value}, ${program.constant(new Set(type.values))})`, taken: '' }
    case 'integer':
      return { expression: `integer(${value}, ${type.min}, ${type.max})`, taken: '' }
    case 'number':
    case 'boolean':
      return { expression: `${type.kind}(${value})`, taken: '' }
    case 'address':
      return emitAddress(program, value, place)
    case 'any':
      return { expression: `free.value(present(${value}), ${literal(target)}) ?? undefined`, taken: '' }
    default: {
      const reader = program.timeReader(time?.formats ?? ['auto'], time?.zone)
      const original =
        target === 'time' ? `original = ${reader}.original; inferred = ${reader}.assumed !== undefined;` : ''
      return {
        expression: `${reader}.read(${value}, state.observed)`,
        taken: `${original} if (${reader}.assumed !== undefined) warn(state, ${literal(`${target}: `)} + ${reader}.assumed);`,
      }
    }
  }
}

/** Whether a value that is there and does not fit is told of. Texts are guessed at in too many places. */
export function canMisfit({ type: { kind }, target }: Slot, { source, table }: Candidate): boolean {
  if (source.kind !== 'path' || table !== undefined || target === '') return false
  return kind !== 'text' && kind !== 'texts' && kind !== 'any'
}

/** For `quality.warnings`: names member and path, and says nothing of the value, which may be a secret. */
export function misfitOf({ target, type }: Slot, { text }: Candidate): string {
  const what =
    type.kind === 'enum'
      ? `none of ${type.values.join(', ')}`
      : type.kind === 'integer'
        ? `no whole number from ${type.min} to ${type.max}`
        : type.kind === 'boolean'
          ? 'neither true nor false'
          : type.kind === 'time'
            ? 'no time that can be read'
            : type.kind === 'address'
              ? 'no IP address'
              : 'no number'
  return `${target}: the value at ${text} is ${what}`
}

/** With texts as results, where texts are what the member takes. */
export function tableFor({ kind }: TargetType, table: Candidate['table']): Candidate['table'] {
  if (table === undefined || (kind !== 'text' && kind !== 'texts')) return table
  const entries = Object.entries(table.entries).map(([key, entry]) => [key, String(entry)])
  return { ...table, entries: Object.fromEntries(entries) as Record<string, string> }
}
