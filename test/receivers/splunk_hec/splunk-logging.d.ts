/** What the tests use of the client library, which brings no types. */
declare module 'splunk-logging' {
  interface Sent {
    readonly text: string
    readonly code: number
  }

  class Logger {
    constructor(config: {
      readonly token: string
      readonly url: string
      readonly maxBatchCount?: number
      readonly maxRetries?: number
    })
    error: (error: Error) => void
    send(
      event: { readonly message: unknown; readonly severity?: string; readonly metadata?: object },
      done?: (error: Error | null, response: unknown, body: Sent) => void,
    ): void
    flush(done: (error: Error | null, response: unknown, body: Sent) => void): void
  }
}
