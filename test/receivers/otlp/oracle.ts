/** protobufjs with the official message definitions: encodes what the tests send, reads what they get. */
import { join } from 'node:path'
import protobuf from 'protobufjs'

const root = await protobuf.load(join(import.meta.dirname, '../../fixtures/otlp/logs.proto'))
const requestType = root.lookupType('otlp.ExportLogsServiceRequest')

/** The request in protobufjs' JSON form: lowerCamelCase, 64-bit numbers as strings, bytes as base64. */
export type RequestObject = { readonly [key: string]: unknown }

export function encodeRequest(request: RequestObject): Buffer {
  return Buffer.from(requestType.encode(requestType.fromObject(request)).finish())
}

export function decodeRequest(body: Buffer): RequestObject {
  return requestType.toObject(requestType.decode(body), { longs: String, bytes: String })
}

export function decodeStatus(body: Buffer): RequestObject {
  const type = root.lookupType('otlp.Status')
  return type.toObject(type.decode(body))
}

export function decodeResponse(body: Buffer): RequestObject {
  const type = root.lookupType('otlp.ExportLogsServiceResponse')
  return type.toObject(type.decode(body))
}
