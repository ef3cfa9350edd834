/**
 * How the lines of a format make up its records: what a decoder needs of whoever reads the lines. Plain JSON. What it
 * does not say of is a record each.
 */
export type Joining =
  /** Lines of Linux auditd: all of one serial are one record, also when other lines stand between them. */
  | { readonly kind: 'auditd' }
  /** Rows of CSV: a quoted field may hold newlines. Both are one character of ASCII. */
  | { readonly kind: 'quotes'; readonly delimiter: string; readonly quote: string }
  /** A line that `pattern` (RE2) matches begins a record; all others belong to the one before them. */
  | { readonly kind: 'start'; readonly pattern: string }
