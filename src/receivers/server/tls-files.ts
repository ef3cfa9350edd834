/** Certificate, key and client authorities: read when the receiver starts, and again when they have changed. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, Server as TlsServer } from 'node:tls'
import { AffiantError, asError, systemCode } from '../../errors.ts'
import type { TlsConfig } from './config.ts'
import type { CertificateFacts } from './notice.ts'

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

/**
 * From the next connection on a server shows these, and asks for certificates of these authorities. Sessions that began
 * with others cannot be resumed, so that who is not trusted any more must show who he is.
 */
export function renewTls(server: object, files: TlsFiles): void {
  if (server instanceof TlsServer) server.setSecureContext(tlsOptions(files))
}

/** @throws AffiantError `config_invalid` where they are none, or make no pair; `place` as above */
export function checkTlsFiles(files: TlsFiles, tls: TlsConfig, place: string): CertificateFacts {
  const certificate = certificateIn(files.cert, `${place}.cert: ${tls.cert}`)
  if (files.ca) certificateIn(files.ca, `${place}.client_ca: ${tls.client_ca}`)
  try {
    createSecureContext(tlsOptions(files))
  } catch (thrown) {
    throw invalid(`${place}.key: ${tls.key} is no private key of ${tls.cert}`, thrown)
  }
  return {
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    expires: certificate.validToDate.toISOString(),
  }
}

function certificateIn(pem: Buffer, where: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (thrown) {
    throw invalid(`${where} holds no certificate in PEM`, thrown)
  }
}

const invalid = (what: string, cause: unknown) =>
  new AffiantError('config_invalid', `${what} (${asError(cause).message})`, { cause })

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
