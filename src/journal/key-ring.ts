/**
 * The configured keys. Each segment has a random data key of its own; its header carries that key wrapped by the first
 * configured one. To rotate is to put a new key first: segments from then on use it, those before stay readable for as
 * long as their key is in the list.
 */
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AffiantError } from '../errors.ts'
import { SegmentCipher, sealLength } from './segment-cipher.ts'

const keyLength = 32
export const keyIdLength = 16
export const wrappedKeyLength = keyLength + sealLength
/** Of a segment that isn't encrypted. */
export const noKeyId = '00'.repeat(keyIdLength)

/** `secret` can't be printed: it is not a string any more. */
export interface EncryptionKey {
  /** The first 16 bytes of its SHA-256, in hex: says which key it is, and nothing about it. */
  readonly id: string
  readonly secret: KeyObject
}

const keyWords = 'a key of 32 bytes, as 64 hex digits or in base64 (`openssl rand -hex 32` makes one)'
const keyPattern = /^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=)$/

/** @throws AffiantError usage, without the text */
export function parseKey(text: string): EncryptionKey {
  if (!keyPattern.test(text)) throw new AffiantError('usage', `expected ${keyWords}`)
  const bytes = Buffer.from(text, text.length === 2 * keyLength ? 'hex' : 'base64')
  const id = createHash('sha256')
    .update(bytes)
    .digest('hex')
    .slice(0, 2 * keyIdLength)
  return { id, secret: createSecretKey(bytes) }
}

/** `journal.encryption`. */
export const encryptionConfig = z
  .strictObject({
    keys: z
      .array(z.string().regex(keyPattern, keyWords).transform(parseKey))
      .min(1)
      .max(64)
      .superRefine((keys, context) => {
        for (const [index, { id }] of keys.entries()) {
          if (keys.findIndex((key) => key.id === id) === index) continue
          context.addIssue({ code: 'custom', path: [index], message: 'this key is in the list already' })
        }
      })
      .describe(
        'Keys of 32 bytes, as 64 hex digits or in base64; best as `${file:…}`. The first encrypts, all decrypt',
      ),
    encrypt: z
      .boolean()
      .default(true)
      .describe('False: new segments are not encrypted, and the keys are only there to read older ones'),
  })
  .describe('Encrypts segments with AES-256-GCM. Default: they are not encrypted')

/** What a segment's header says of its key. */
export interface WrappedKey {
  /** Hex; zeros: not encrypted. */
  readonly keyId: string
  readonly wrappedKey: Buffer
}

const associated = (incarnation: Uint8Array): Buffer => Buffer.concat([Buffer.from('data key'), incarnation])

export class KeyRing {
  readonly #keys: readonly EncryptionKey[]
  readonly #encrypt: boolean

  /** @param encrypt false: the keys only read */
  constructor(keys: readonly EncryptionKey[] = [], encrypt = true) {
    this.#keys = keys
    this.#encrypt = encrypt
  }

  /** Whether new segments are encrypted. */
  get encrypts(): boolean {
    return this.#encrypt && this.#keys.length > 0
  }

  /** Of the key that new segments get. */
  get currentId(): string {
    return (this.encrypts && this.#keys[0]?.id) || noKeyId
  }

  /** A data key for a new segment. */
  create(incarnation: Uint8Array): WrappedKey & { readonly cipher: SegmentCipher | null } {
    const key = this.encrypts ? this.#keys[0] : undefined
    if (!key) return { keyId: noKeyId, wrappedKey: Buffer.alloc(wrappedKeyLength), cipher: null }
    const secret = randomBytes(keyLength)
    const wrappedKey = new SegmentCipher(key.secret).sealed(secret, associated(incarnation))
    return { keyId: key.id, wrappedKey, cipher: new SegmentCipher(createSecretKey(secret)) }
  }

  /**
   * What opens the segment at `path`; null when it isn't encrypted.
   * @throws AffiantError journal_key
   */
  open(
    { keyId, wrappedKey, incarnation }: WrappedKey & { readonly incarnation: Uint8Array },
    path: string,
  ): SegmentCipher | null {
    if (keyId === noKeyId) return null
    const key = this.#keys.find(({ id }) => id === keyId)
    if (!key) {
      const ids = this.#keys.map(({ id }) => id).join(', ')
      throw new AffiantError('journal_key', `${path} is encrypted with key ${keyId}, which is not given`, {
        hint: `put that key into journal.encryption.keys, or give \`affiant journal\` its file with --key-file; given now: ${ids || 'none'}`,
      })
    }
    const secret = new SegmentCipher(key.secret).unsealed(wrappedKey, associated(incarnation))
    if (!secret) {
      throw new AffiantError(
        'journal_key',
        `${path}: its data key was changed: key ${keyId} does not open it`,
        {
          hint: 'restore the file from a copy, or move it away to go on without its events',
        },
      )
    }
    return new SegmentCipher(createSecretKey(secret))
  }
}
