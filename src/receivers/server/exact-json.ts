/** What stands around a record, read without losing digits: nobody behind the receiver sees it as it was written. */

/** As JSON.parse, but a number that a double would change stays as the text that it was. */
export const parseExact = (text: string): unknown => JSON.parse(text, exact)

function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined) return value
  return source.length <= 15 || String(value) === source ? value : source
}
