/** Certificates, made when they are needed: none that is checked in can run out. */
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

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** For a host, as a server and as a client; it signs itself, unless there is an authority. */
export async function makeCertificate(
  directory: string,
  name: string,
  { host = 'IP:127.0.0.1', authority }: { readonly host?: string; readonly authority?: Pair } = {},
): Promise<Pair> {
  const signed =
    authority === undefined
      ? []
      : ['-CA', authority.cert, '-CAkey', authority.key, '-addext', 'basicConstraints=critical,CA:FALSE']
  return make(directory, name, ['-addext', `subjectAltName=${host}`, ...signed])
}

/** Signs others, and is no server. */
export function makeAuthority(directory: string, name: string): Promise<Pair> {
  return make(directory, name, ['-addext', 'keyUsage=critical,keyCertSign'])
}

async function make(directory: string, name: string, extensions: readonly string[]): Promise<Pair> {
  const cert = join(directory, `${name}.pem`)
  const key = join(directory, `${name}-key.pem`)
  const subject = ['-subj', `/CN=${name}`]
  await run('openssl', ['req', '-x509', ...curve, ...subject, ...extensions, '-keyout', key, '-out', cert])
  return { cert, key, pem: await readFile(cert, 'utf8') }
}
