/**
 * How the lines of a format make up its records: what a decoder needs of whoever reads the lines. Plain JSON. What it
 * does not say of is a record each.
 */
export type Joining =
  /** Lines of Linux auditd: all of one serial are one record, also when other lines stand between them. */
  | { readonly kind: 'auditd' }
  /** Rows of CSV: a quoted field may hold newlines. Both are one character of ASCII. */
  | { readonly kind: 'quotes'; readonly delimiter: string; readonly quote: string }
  /**
   * Messages with labels, as PostgreSQL writes them (`LOG:  …`, then `DETAIL:  …`): the first of the labels in a line says
   * whether it begins a record or belongs to the one before it, as lines that begin with a tab do.
   */
  | { readonly kind: 'labels'; readonly first: readonly string[]; readonly further: readonly string[] }
