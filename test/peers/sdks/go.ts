import { join } from 'node:path'
import { goProgram } from '../go-program.ts'
import type { Sdk } from './sdk.ts'

export const go: Sdk = {
  language: 'Go',
  protocols: ['http/protobuf', 'grpc'],
  prepare: async () => ({ file: await goProgram('sdk-go', join(import.meta.dirname, 'go')), args: [] }),
}
