/**
 * AES-256-GCM with one segment's data key. Nonces are random: a segment holds far fewer than the 2^32 messages up to which
 * that is safe. What is authenticated beside the ciphertext says where it belongs, so that nothing can be moved.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
export const nonceLength = 12
const tagLength = 16
/** What `sealed` adds. */
export const sealLength = nonceLength + tagLength

export class SegmentCipher {
  readonly #key: KeyObject

  constructor(key: KeyObject) {
    this.#key = key
  }

  /** Nonce, ciphertext and tag in one piece, of `sealLength` bytes more than `plain`. */
  sealed(plain: Uint8Array, associated: Uint8Array): Buffer {
    const nonce = randomBytes(nonceLength)
    const { parts, tag } = this.encrypt([plain], nonce, associated)
    return Buffer.concat([nonce, ...parts, tag])
  }

  /** What was sealed; null when it isn't that, or not here. */
  unsealed(sealed: Buffer, associated: Uint8Array): Buffer | null {
    if (sealed.byteLength < sealLength) return null
    const nonce = sealed.subarray(0, nonceLength)
    const tag = sealed.subarray(-tagLength)
    return this.decrypt(sealed.subarray(nonceLength, -tagLength), nonce, tag, associated)
  }

  /** Ciphertexts of the parts, one each and as long. */
  encrypt(
    parts: readonly Uint8Array[],
    nonce: Uint8Array,
    associated: Uint8Array,
  ): { readonly parts: Buffer[]; readonly tag: Buffer } {
    const cipher = createCipheriv(algorithm, this.#key, nonce)
    cipher.setAAD(associated)
    const encrypted = parts.map((part) => cipher.update(part))
    cipher.final()
    return { parts: encrypted, tag: cipher.getAuthTag() }
  }

  /** Null when a bit of any of it is not what it was. */
  decrypt(ciphertext: Uint8Array, nonce: Uint8Array, tag: Uint8Array, associated: Uint8Array): Buffer | null {
    const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagLength })
    decipher.setAAD(associated)
    decipher.setAuthTag(tag)
    const plain = decipher.update(ciphertext)
    try {
      decipher.final()
      return plain
    } catch {
      return null
    }
  }
}
