#!/usr/bin/env node
// One entry for both homes: a checkout runs its TypeScript sources, the published package its dist/.
import { existsSync } from 'node:fs'
// The default import: older versions lack names, and are to be told so by the message below.
import module from 'node:module'

const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `affiant: needs Node 24 or newer, this is ${process.version}. ` +
      'In a checkout, `npx affiant` and `npm run` use the Node that `npm ci` brought along.\n',
  )
  process.exit(69)
}
// Stripped types and compiled code are kept beside other temporary files: starting takes half the time from then on.
module.enableCompileCache?.()
const sources = new URL('../src/cli/main.ts', import.meta.url)
await import(existsSync(sources) ? sources.href : new URL('../dist/cli/main.js', import.meta.url).href)
