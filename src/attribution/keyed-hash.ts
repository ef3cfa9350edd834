/**
 * What stands where a value must not: `hmac-sha256:<key id>:<64 hex digits>`, the HMAC (RFC 2104) of its UTF-8 bytes.
 * The same value has the same hash under one key, so that events still belong together; without the key nobody can
 * tell which value it was, nor try guesses.
 */
import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto'

/** Plain JSON, since it is part of a normaliser's specification. */
export interface HashKey {
  /** Stands in every hash that was made with it. */
  readonly id: string
  /** Hex digits. */
  readonly secret: string
}

/** A text's hash. */
export type KeyedHash = (text: string) => string

const algorithm = 'hmac-sha256'

/** Hashes with the first key. @throws TypeError without one */
export function createKeyedHash([key]: readonly HashKey[]): KeyedHash {
  if (key === undefined) throw new TypeError('a keyed hash needs a key')
  const secret = createSecretKey(Buffer.from(key.secret, 'hex'))
  const prefix = `${algorithm}:${key.id}:`
  return (text) => prefix + createHmac('sha256', secret).update(text).digest('hex')
}

/** A new key of 32 random bytes. Its id is the beginning of its SHA-256, which says nothing about it. */
export function randomHashKey(): HashKey {
  return hashKeyOf(randomBytes(32))
}

/** The key that these bytes are, under an id made of them. */
export function hashKeyOf(secret: Uint8Array): HashKey {
  const id = createHash('sha256').update(secret).digest('hex').slice(0, 8)
  return { id: `local-${id}`, secret: Buffer.from(secret).toString('hex') }
}
