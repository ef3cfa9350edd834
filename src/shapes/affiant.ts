/** The event as it is. */
import { schemaName } from '../event/vocabulary.ts'
import { lineOf } from './line.ts'
import type { Shape } from './shape.ts'

export const affiant: Shape = {
  name: 'affiant',
  // Members are sorted, and this is the first.
  beginning: '{"action":',
  write: (line) => line,
  read: (document) => [lineOf(document)],
  recognises: ({ schema }) => schema === schemaName,
}
