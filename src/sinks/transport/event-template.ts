/** Options that are templates over the event. */
import { z } from 'zod'
import { CelError } from '../../cel/error.ts'
import { compileTemplate } from '../../cel/template.ts'
import { eventFields } from '../../routing/event-fields.ts'

/** Text with CEL over the event in braces, checked against the event's schema. */
export const eventTemplate = () =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => {
      try {
        compileTemplate(text, text.includes('{') ? eventFields() : {})
      } catch (error) {
        if (!(error instanceof CelError)) throw error
        const hint = error.hint === undefined ? '' : `; ${error.hint}`
        context.addIssue(`${error.message}, at column ${error.column}${hint}`)
      }
    })
