/** Keys that records' proofs are checked with: read from their files, and found by what a record says of its certificate. */
import { createPublicKey, createSecretKey, hash, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { algorithmsOf } from '../../../attribution/signature-algorithms.ts'
import { AffiantError, asError, systemCode } from '../../../errors.ts'
import { secretAlgorithms } from './algorithms.ts'
import { certificateNames } from './certificate-names.ts'
import type { KeyConfig } from './keys-config.ts'

export interface ProofKey {
  readonly id: string
  readonly key: KeyObject
  /** What it can prove with, as `algorithmOf` has it. */
  readonly algorithms: readonly string[]
}

/** Bytes. Shorter ones can be guessed, or tried out. */
const shortestSecret = 16
/** Bits (NIST SP 800-131A). */
const shortestRsa = 2048

export class ProofKeys {
  readonly #byName: ReadonlyMap<string, ProofKey>
  readonly #defaults: readonly ProofKey[]
  /** Of what each was made of, by its id. */
  readonly #hashes: ReadonlyMap<string, string>

  private constructor(
    byName: ReadonlyMap<string, ProofKey>,
    defaults: readonly ProofKey[],
    hashes: ReadonlyMap<string, string>,
  ) {
    this.#byName = byName
    this.#defaults = defaults
    this.#hashes = hashes
  }

  /** Rejects with `config_unreadable` or `config_invalid`, naming key and file. */
  static async read(configs: readonly KeyConfig[], place: string): Promise<ProofKeys> {
    const read = await Promise.all(configs.map((config, index) => readKey(config, `${place}[${index}]`)))
    const byName = new Map<string, ProofKey>()
    const defaults: ProofKey[] = []
    for (const [index, { key, names }] of read.entries()) {
      for (const name of [...names, key.id]) byName.set(name, key)
      if (configs[index]!.default) defaults.push(key)
    }
    // Who was given a name by hand has it, whatever a certificate could also be called.
    for (const { key } of read) byName.set(key.id, key)
    return new ProofKeys(byName, defaults, new Map(read.map(({ key, sha256 }) => [key.id, sha256])))
  }

  /** Ids of those whose files say something else than those of `before` did. */
  changedSince(before: ProofKeys): readonly string[] {
    return [...this.#hashes].flatMap(([id, sha256]) => (before.#hashes.get(id) === sha256 ? [] : [id]))
  }

  /** Those that may have signed it; none: nobody here knows the key. `certificate` as the record has it, if it does. */
  find(certificate: string | undefined): readonly ProofKey[] {
    if (certificate === undefined) return this.#defaults
    const key = this.#byName.get(certificate) ?? this.#byName.get(plainName(certificate))
    return key === undefined ? [] : [key]
  }
}

/** Fingerprints are written with colons and capitals by some, and certificates with line breaks. */
function plainName(certificate: string): string {
  const fingerprint = /^(sha256|sha1):([0-9a-f:\s]+)$/i.exec(certificate)
  if (fingerprint)
    return `${fingerprint[1]!.toLowerCase()}:${fingerprint[2]!.replace(/[:\s]/g, '').toLowerCase()}`
  return wholeCertificate.test(certificate.trimEnd()) ? certificateHash(certificate) : certificate
}

/** Nothing in it can match in two ways: it is tried on whatever is sent. */
const wholeCertificate = /^[A-Za-z0-9+/\s]{100,}={0,2}$/

/** A whole certificate as a name: what stands for it is short. */
const certificateHash = (text: string) => `sha256:${hash('sha256', Buffer.from(text, 'base64'))}`

interface Read extends Made {
  /** Of its file. It is said nowhere: a secret could be guessed by it. */
  readonly sha256: string
}

interface Made {
  readonly key: ProofKey
  /** Beside its id. */
  readonly names: readonly string[]
}

async function readKey(config: KeyConfig, place: string): Promise<Read> {
  const { id, pem, jwk, secret, encoding = 'text' } = config
  if (pem !== undefined) return readFrom(pem, `${place}.pem: ${pem}`, (bytes) => fromPem(id, bytes))
  if (jwk !== undefined) return readFrom(jwk, `${place}.jwk: ${jwk}`, (bytes) => fromJwk(id, bytes))
  const make = (bytes: Buffer) => fromSecret(id, secretBytes(bytes, encoding))
  return readFrom(secret!, `${place}.secret: ${secret}`, make)
}

async function readFrom(path: string, where: string, make: (bytes: Buffer) => Made): Promise<Read> {
  const bytes = await read(path, where)
  try {
    return { ...make(bytes), sha256: hash('sha256', bytes) }
  } catch (thrown) {
    throw new AffiantError('config_invalid', `${where} ${asError(thrown).message}`, { cause: thrown })
  }
}

async function read(path: string, where: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (thrown) {
    const why = systemCode(thrown) ?? 'unreadable'
    throw new AffiantError('config_unreadable', `${where} cannot be read (${why})`, { cause: thrown })
  }
}

function fromPem(id: string, bytes: Buffer): Made {
  const text = bytes.toString('latin1')
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new Error(
      'holds a private key, which has no business here: take its public one, with openssl pkey -in KEY -pubout',
    )
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    return publicKey(
      id,
      parsed(() => createPublicKey(bytes), 'public key or certificate in PEM'),
    )
  const certificate = parsed(() => new X509Certificate(bytes), 'certificate in PEM')
  return { ...publicKey(id, certificate.publicKey), names: certificateNames(certificate) }
}

function fromJwk(id: string, bytes: Buffer): Made {
  const json = parsed((): unknown => JSON.parse(bytes.toString()), 'JSON')
  const jwk = chosen(id, json)
  if (jwk.kty === 'oct') {
    if (typeof jwk.k !== 'string') throw new Error('is a shared secret without k')
    return fromSecret(id, Buffer.from(jwk.k, 'base64url'))
  }
  if (jwk.d !== undefined)
    throw new Error('holds a private key, which has no business here: leave out all but its public members')
  const key = parsed(
    () => createPublicKey({ key: jwk as { kty: string }, format: 'jwk' }),
    'JWK that is understood',
  )
  return publicKey(id, key)
}

function chosen(id: string, json: unknown): Readonly<Record<string, unknown>> {
  const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(json)) throw new Error('is no JWK, nor a set of them')
  if (!Array.isArray(json.keys)) return json
  const key = json.keys.find((each) => isObject(each) && each.kid === id)
  if (!isObject(key)) throw new Error(`has no key with the kid ${id}`)
  return key
}

function secretBytes(bytes: Buffer, encoding: NonNullable<KeyConfig['encoding']>): Buffer {
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length
  const written = bytes.subarray(0, end)
  if (encoding === 'text') return written
  const text = written.toString('latin1').trim()
  const pattern = encoding === 'hex' ? /^(?:[0-9a-f]{2})*$/i : /^[A-Za-z0-9+/_-]*={0,2}$/
  if (!pattern.test(text)) throw new Error(`is not ${encoding}`)
  return Buffer.from(text, encoding)
}

function fromSecret(id: string, secret: Buffer): Made {
  if (secret.length < shortestSecret)
    throw new Error(
      `holds a secret of ${secret.length} bytes: it needs at least ${shortestSecret} (openssl rand -base64 32 makes one)`,
    )
  return { key: { id, key: createSecretKey(secret), algorithms: secretAlgorithms }, names: [] }
}

function publicKey(id: string, key: KeyObject): Made {
  const algorithms = algorithmsOf(key)
  if (algorithms.length === 0)
    throw new Error(
      `holds a key of the kind ${key.asymmetricKeyType ?? 'unknown'} that no algorithm here uses: RSA, Ed25519, and the curves P-256, P-384 and P-521 are`,
    )
  const bits = key.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < shortestRsa)
    throw new Error(`holds an RSA key of ${bits} bits: it needs at least ${shortestRsa}`)
  return { key: { id, key, algorithms }, names: [] }
}

function parsed<T>(parse: () => T, what: string): T {
  try {
    return parse()
  } catch (thrown) {
    throw new Error(`holds no ${what} (${asError(thrown).message})`, { cause: thrown })
  }
}
