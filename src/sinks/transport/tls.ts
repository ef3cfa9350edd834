/** Whom the sink trusts, and how it shows who it is. */
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { AffiantError, asError } from '../../errors.ts'
import type { TlsConfig } from './config.ts'

export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * PEM texts, those of files read.
 * @throws AffiantError when one cannot be read, or they make no key pair
 */
export async function readTls(sink: string, tls: TlsConfig): Promise<TlsMaterial> {
  const material: TlsMaterial = {
    ...(tls?.ca === undefined ? {} : { ca: await readPem(sink, 'ca', tls.ca) }),
    ...(tls?.cert === undefined ? {} : { cert: await readPem(sink, 'cert', tls.cert) }),
    ...(tls?.key === undefined ? {} : { key: await readPem(sink, 'key', tls.key) }),
  }
  try {
    createSecureContext(material)
  } catch (error) {
    throw new AffiantError('config_unreadable', `sink ${sink}: tls: ${asError(error).message}`, {
      cause: error,
      hint: 'ca and cert are certificates in PEM, and key is the private key of the first one in cert',
    })
  }
  return material
}

async function readPem(sink: string, option: keyof TlsMaterial, value: string): Promise<string> {
  if (value.includes('-----BEGIN ')) return value
  try {
    return await readFile(value, 'utf8')
  } catch (error) {
    throw new AffiantError('config_unreadable', `sink ${sink}: tls.${option}: ${asError(error).message}`, {
      cause: error,
      hint: `tls.${option} is a PEM file, or its text`,
    })
  }
}
