import { readFileSync } from 'node:fs'
import { ownFile } from './own-files.ts'

const manifest: unknown = JSON.parse(readFileSync(ownFile('../package.json'), 'utf8'))

/** The package's own version, from package.json. */
export const version: string =
  typeof manifest === 'object' &&
  manifest !== null &&
  'version' in manifest &&
  typeof manifest.version === 'string'
    ? manifest.version
    : '0.0.0'
