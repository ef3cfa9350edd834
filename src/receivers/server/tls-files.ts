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

/** Rejects with `config_unreadable`, naming the file. `place` is where `tls` stands: `http.tls`. */
export async function readTlsFiles(tls: TlsConfig, place: string): Promise<TlsFiles> {
  const [cert, key, ca] = await Promise.all([
    read(tls.cert, `${place}.cert`),
    read(tls.key, `${place}.key`),
    tls.client_ca === undefined ? undefined : read(tls.client_ca, `${place}.client_ca`),
  ])
  return { cert, key, ...(ca && { ca }) }
}

/** As Node's servers take them. */
export const tlsOptions = ({ cert, key, ca }: TlsFiles) =>
  ({
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(ca && { ca, requestCert: true, rejectUnauthorized: true }),
  }) as const

async function read(path: string, member: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (thrown) {
    const why = systemCode(thrown) ?? 'unreadable'
    throw new AffiantError('config_unreadable', `${member}: ${path} cannot be read (${why})`, {
      cause: thrown,
    })
  }
}
