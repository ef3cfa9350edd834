/** What is to become a file, and what comes back from the thread that makes it. */

export interface ParquetJob {
  /** `affiant/<agent id>/<epoch>`. */
  readonly origin: string
  /** Output lines, each followed by `\n`. */
  readonly lines: Uint8Array
  /** Bytes of each line, without the newline. */
  readonly lengths: Uint32Array
  /** seq of each event. */
  readonly seqs: Float64Array
  /** Of the pages inside the file. */
  readonly compression: 'none' | 'gzip' | 'zstd'
  /** Of gzip and zstd. */
  readonly level: number
}

export type ParquetAnswer = { readonly file: Uint8Array<ArrayBuffer> } | { readonly error: string }
