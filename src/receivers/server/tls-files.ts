/** Certificate, key and client authorities, read once when the receiver starts. */
import { readFile } from 'node:fs/promises'
import { AffiantError, systemCode } from '../../errors.ts'
import type { TlsConfig } from './config.ts'

export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  /** When given, clients must show a certificate that one of these signed. */
  readonly ca?: Buffer
}

/** Rejects with `config_unreadable`, naming the file. */
export async function readTlsFiles(tls: TlsConfig): Promise<TlsFiles> {
  const [cert, key, ca] = await Promise.all([
    read(tls.cert, 'cert'),
    read(tls.key, 'key'),
    tls.client_ca === undefined ? undefined : read(tls.client_ca, 'client_ca'),
  ])
  return { cert, key, ...(ca && { ca }) }
}

async function read(path: string, member: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (thrown) {
    const why = systemCode(thrown) ?? 'unreadable'
    throw new AffiantError('config_unreadable', `http.tls.${member}: ${path} cannot be read (${why})`, {
      cause: thrown,
    })
  }
}
