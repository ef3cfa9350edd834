/** OTLP's messages as protobufjs reads and writes them, with functions that it generates for each. */
import { join } from 'node:path'
import protobuf from 'protobufjs'

const root = await protobuf.load(join(import.meta.dirname, '../../test/fixtures/otlp/logs.proto'))

export const exportRequest = root.lookupType('otlp.ExportLogsServiceRequest')
