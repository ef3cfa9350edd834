/** Whom the sink trusts, and how it shows who it is. */
import { readFile, stat } from 'node:fs/promises'
import { AffiantError, asError } from '../../errors.ts'
import type { TlsConfig } from './config.ts'

export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Files are looked at this often. Milliseconds. */
const LOOK = 1_000

export interface Tls {
  /** The same object until a file has changed: certificates are renewed while the agent runs. */
  current(): Promise<TlsMaterial>
}

/** @throws AffiantError as `readTls` does; later on, what cannot be used is passed over and looked for again */
export async function openTls(sink: string, tls: TlsConfig): Promise<Tls> {
  let material = await readTls(sink, tls)
  const paths = [tls?.ca, tls?.cert, tls?.key].filter((value) => value !== undefined && !isPem(value))
  if (paths.length === 0) return { current: async () => material }
  let version = await versionOf(paths)
  let looked = performance.now()
  return {
    async current() {
      if (performance.now() - looked < LOOK) return material
      looked = performance.now()
      const now = await versionOf(paths)
      if (now === version) return material
      try {
        // The certificate may be there before its key: then both are read once more.
        material = await readTls(sink, tls)
        version = now
      } catch {
        // What was read last still holds.
      }
      return material
    },
  }
}

async function versionOf(paths: readonly (string | undefined)[]): Promise<string> {
  const found = await Promise.all(paths.map((path) => stat(path!).catch(() => undefined)))
  return found.map((stats) => `${stats?.mtimeMs} ${stats?.size} ${stats?.ino}`).join()
}

const isPem = (value: string): boolean => value.includes('-----BEGIN ')

/**
 * PEM texts, those of files read.
 * @throws AffiantError when one cannot be read, or they make no key pair
 */
async function readTls(sink: string, tls: TlsConfig): Promise<TlsMaterial> {
  const material: TlsMaterial = {
    ...(tls?.ca === undefined ? {} : { ca: await readPem(sink, 'ca', tls.ca) }),
    ...(tls?.cert === undefined ? {} : { cert: await readPem(sink, 'cert', tls.cert) }),
    ...(tls?.key === undefined ? {} : { key: await readPem(sink, 'key', tls.key) }),
  }
  if (Object.keys(material).length === 0) return material
  const { createSecureContext } = await import('node:tls')
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
  if (isPem(value)) return value
  try {
    return await readFile(value, 'utf8')
  } catch (error) {
    throw new AffiantError('config_unreadable', `sink ${sink}: tls.${option}: ${asError(error).message}`, {
      cause: error,
      hint: `tls.${option} is a PEM file, or its text`,
    })
  }
}
