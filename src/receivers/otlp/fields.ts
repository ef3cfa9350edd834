/** What `FieldTree` is made of: fields of records, each behind those before it. */
import type { RecordLayout } from '../../event/record-layout.ts'
import type { AroundLayout } from './around-layout.ts'

/** What becomes of a field's value: something that is written, or a word of the layout. */
export const become = { nothing: 0, text: 1, number: 2, emptyText: 3, yes: 4, no: 5 } as const
export type Became = (typeof become)[keyof typeof become]

/** Which of the ids of a record an attribute is. */
export type IdName = 'audit.record.id' | 'log.record.uid'

export interface Field {
  readonly tag: number
  /** Of an attribute: tag and length of its key, the key, and the tag of its value. */
  readonly head: Uint8Array
  /** Its first bytes, four at a time. */
  readonly words: Int32Array
  /** The attribute's key; of another field its member. */
  readonly name: string
  /** False for one that is not laid out, wherever that is known of the field itself. */
  readonly isPlain: boolean
  readonly id: IdName | undefined
  /** Whether it, and what came of its value, brought a record here. */
  readonly before: Node
  /** By what became of its value. */
  readonly after: (Node | undefined)[]
}

export interface Node {
  /** The last one in front. */
  readonly fields: Field[]
  /** How records come here; undefined for the first one. */
  readonly by: { readonly field: Field; readonly became: Became } | undefined
  /** Of records that end here, by what is around them; the last one in front. */
  readonly layouts: { readonly around: AroundLayout; readonly layout: RecordLayout }[]
}

/** All that a record has that came here, in its order. */
export function fieldsOf(node: Node): NonNullable<Node['by']>[] {
  const fields: NonNullable<Node['by']>[] = []
  for (let by = node.by; by !== undefined; by = by.field.before.by) fields.push(by)
  return fields.reverse()
}

export const nodeBehind = (by: Node['by']): Node => ({ fields: [], by, layouts: [] })
