/** Certificates that sign themselves, made when they are needed: none that is checked in can run out. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Pair {
  /** Paths of PEM files. */
  readonly cert: string
  readonly key: string
  /** The certificate itself. */
  readonly pem: string
}

/** For 127.0.0.1, as a server and as a client. */
export async function makeCertificate(directory: string, name: string, host = 'IP:127.0.0.1'): Promise<Pair> {
  const cert = join(directory, `${name}.pem`)
  const key = join(directory, `${name}-key.pem`)
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${host}`]
  await run('openssl', ['req', '-x509', ...curve, '-days', '2', ...names, '-keyout', key, '-out', cert])
  return { cert, key, pem: await readFile(cert, 'utf8') }
}
