/**
 * Every error that a user or a client can meet, defined once: code, what it means, and how each protocol
 * and the shell express it. docs/errors.md is held against this table by test/errors.test.ts.
 */

/** What one code means everywhere. `exit` follows sysexits(3); `grpc` is the canonical numeric status. */
interface ErrorDefinition {
  readonly summary: string
  readonly http: number
  readonly grpc: number
  readonly exit: number
  /** Whether the same request can succeed later without anybody changing it. */
  readonly retryable: boolean
}

const define = (
  summary: string,
  { http = 500, grpc = 13, exit = 1, retryable = false }: Partial<Omit<ErrorDefinition, 'summary'>> = {},
): ErrorDefinition => ({ summary, http, grpc, exit, retryable })

export const errorTable = {
  // command line
  usage: define('The command line is wrong', { http: 400, grpc: 3, exit: 64 }),
  node_too_old: define('Node is older than what Affiant needs', { exit: 72 }),
  input_unreadable: define('A file that a command was told to read cannot be read', { exit: 66 }),
  input_format: define('What a command was told to read is damaged, or in a format that it does not read', {
    exit: 65,
  }),
  agent_not_running: define('No agent runs on this data directory', { exit: 69 }),
  agent_not_answering: define('The agent on this data directory does not answer', { exit: 69 }),
  seq_not_found: define('The journal holds no event with this seq', { http: 404, grpc: 5, exit: 66 }),
  sink_not_found: define('The data directory knows no sink of this name', { exit: 66 }),
  range_gone: define('Some of the events are not in the journal any more', {
    http: 410,
    grpc: 11,
    exit: 65,
  }),
  sink_busy: define('Another command replays or purges for this sink', {
    http: 409,
    grpc: 10,
    exit: 75,
    retryable: true,
  }),
  // configuration
  config_invalid: define('The configuration is not valid', { exit: 78 }),
  config_unreadable: define('The configuration cannot be read', { exit: 66 }),
  restart_needed: define('The configuration says otherwise what only a start reads', { exit: 78 }),
  // start-up
  address_in_use: define('Another process listens on this address', { exit: 69 }),
  data_dir_locked: define('Another agent uses this data directory', { exit: 75, retryable: true }),
  data_dir_unusable: define('The data directory cannot be written', { exit: 73 }),
  // journal
  journal_full: define('The journal has reached its limit', {
    http: 503,
    grpc: 14,
    exit: 75,
    retryable: true,
  }),
  journal_unavailable: define('The journal cannot commit right now', {
    http: 503,
    grpc: 14,
    exit: 74,
    retryable: true,
  }),
  journal_closed: define('The journal is closed', { http: 503, grpc: 14, exit: 75, retryable: true }),
  journal_key: define('A segment of the journal is encrypted, and its key does not open it', { exit: 78 }),
  journal_damaged: define('What was asked for is damaged in the journal', { exit: 65 }),
  journal_format: define('A journal file has a format that this version does not read', { exit: 65 }),
  // requests
  bad_request: define('The request body is not what its content type says', { http: 400, grpc: 3 }),
  record_invalid: define('Records are not what their signal demands, or their signatures fail', {
    http: 400,
    grpc: 3,
  }),
  record_conflict: define('A record with the same id and another content was taken in before', {
    http: 409,
    grpc: 6,
  }),
  attribution_incomplete: define('Events lack what attribution.require demands', { http: 422, grpc: 3 }),
  scope_forbidden: define('A record has a scope that its credential may not deliver', { http: 403, grpc: 7 }),
  origin_forbidden: define('Pages of this origin may not send', { http: 403, grpc: 7 }),
  key_reused: define('The Idempotency-Key is that of another request', { http: 422, grpc: 3 }),
  unauthenticated: define('The credential is missing or unknown', { http: 401, grpc: 16 }),
  not_found: define('There is nothing at this path', { http: 404, grpc: 5, exit: 66 }),
  method_not_allowed: define('This path does not take this method', { http: 405, grpc: 12 }),
  request_timeout: define('The request took too long to arrive', { http: 408, grpc: 4 }),
  deadline_exceeded: define('The time that the client gave its call was over before anything was taken in', {
    http: 408,
    grpc: 4,
    retryable: true,
  }),
  headers_too_large: define('Path and headers of the request are over the limit', { http: 431, grpc: 8 }),
  body_too_large: define('The request body is over the limit', { http: 413, grpc: 8 }),
  unsupported_media_type: define('The content type or encoding is not supported', { http: 415, grpc: 12 }),
  rate_limited: define('The credential has sent more than its rate', { http: 429, grpc: 8, retryable: true }),
  overloaded: define('Too much is in flight right now', { http: 503, grpc: 14, retryable: true }),
  internal: define('A defect in Affiant', { http: 503, grpc: 14, exit: 70, retryable: true }),
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errorTable

/** An error a user or client may see. `message` says what and where, `hint` what to do about it. */
export class AffiantError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AffiantError'
    this.code = code
    this.hint = options.hint
  }

  get definition(): ErrorDefinition {
    return errorTable[this.code]
  }
}

/** `error` as something with a message, whatever was thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** The operating system's code (`ENOENT`, `EADDRINUSE`) where there is one. */
export function systemCode(thrown: unknown): string | undefined {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code
  return undefined
}
