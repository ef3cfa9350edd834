/** The decoders that `decode` in a mapping names. */
import { decodeAccessLog } from './access-log.ts'
import { AccessLogFields } from './access-log-fields.ts'
import { decodeAuditd } from './auditd/decode.ts'
import { createCsvDecoder } from './csv.ts'
import type { Decoder } from './decoder.ts'
import { decodeJson } from './json.ts'
import { createKeyValueDecoder } from './key-value.ts'
import { decodeKeycloak } from './keycloak.ts'
import { KeycloakFields } from './keycloak-fields.ts'
import { createPatternDecoder } from './named-groups.ts'
import { onlyOptions } from './options.ts'
import { decodePostgresCsv } from './postgres/csvlog.ts'
import { CsvlogFields } from './postgres/csvlog-fields.ts'
import { decodePostgresJson } from './postgres/jsonlog.ts'
import { JsonlogFields } from './postgres/jsonlog-fields.ts'
import { createPostgresStderrDecoder } from './postgres/stderr.ts'
import { createQueryDecoder } from './query.ts'
import { decodeSyslog } from './syslog/decode.ts'

/** As a mapping says it: a name, and what is set of it. */
export interface Decoding {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

/** @throws Error that says what is wrong with the options */
type Make = (options: Decoding['options']) => Decoder

const makers: Readonly<Record<string, Make>> = {
  json: (options) => withoutOptions(options, { decode: decodeJson }),
  plain: (options) =>
    withoutOptions(options, { decode: (message) => ({ ok: true, value: { message }, warnings: [] }) }),
  access_log: (options) =>
    withoutOptions(options, { decode: decodeAccessLog, fields: () => new AccessLogFields() }),
  auditd: (options) => withoutOptions(options, { decode: decodeAuditd, joining: { kind: 'auditd' } }),
  csv: createCsvDecoder,
  key_value: createKeyValueDecoder,
  query: createQueryDecoder,
  keycloak: (options) =>
    withoutOptions(options, { decode: decodeKeycloak, fields: () => new KeycloakFields() }),
  pattern: createPatternDecoder,
  postgres_csv: (options) =>
    withoutOptions(options, {
      decode: decodePostgresCsv,
      joining: { kind: 'quotes', delimiter: ',', quote: '"' },
      fields: () => new CsvlogFields(),
    }),
  postgres_json: (options) =>
    withoutOptions(options, { decode: decodePostgresJson, fields: () => new JsonlogFields() }),
  postgres_stderr: createPostgresStderrDecoder,
  syslog: (options) => withoutOptions(options, { decode: decodeSyslog }),
}

/** @throws Error that says what is wrong with it, for people */
export function createDecoder({ name, options }: Decoding): Decoder {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined
  if (make === undefined)
    throw new Error(`${JSON.stringify(name)} is none of ${Object.keys(makers).join(', ')}`)
  return make(options)
}

function withoutOptions(options: Decoding['options'], decoder: Decoder): Decoder {
  onlyOptions(options, [])
  return decoder
}
