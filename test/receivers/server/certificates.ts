/** Two certificates for 127.0.0.1 with their keys, and files that tests replace one by the other. */
import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const fixtures = join(import.meta.dirname, '../../fixtures')

interface Pair {
  readonly cert: string
  readonly key: string
}

export const first: Pair = { cert: join(fixtures, 'otlp/server.crt'), key: join(fixtures, 'otlp/server.key') }
export const second: Pair = {
  cert: join(fixtures, 'tls/localhost-cert.pem'),
  key: join(fixtures, 'tls/localhost-key.pem'),
}
/** A client's, which is its own authority: its common name is `checkout`. */
export const client: Pair = {
  cert: join(fixtures, 'otlp/client.crt'),
  key: join(fixtures, 'otlp/client.key'),
}

/** As programs that renew certificates do it: never a file of which one half is there. */
export function put(from: string, to: string): void {
  copyFileSync(from, `${to}.new`)
  renameSync(`${to}.new`, to)
}

export const pem = (path: string) => readFileSync(path)
