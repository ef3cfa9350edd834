/** Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks, "Signature scheme". */
import { createHash, createHmac, createPrivateKey, sign } from 'node:crypto'
import type { SignConfig } from './signature-config.ts'

/** What stands before the seed of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Headers for a body. `key`: of the batch, the same in every attempt. `now`: unix milliseconds. */
export type Signer = (key: string, body: Buffer, now: number) => Record<string, string>

export function createSigner({ secret = [], private_key: privateKey = [] }: SignConfig): Signer {
  const hmacs = secret.map((text) => Buffer.from(text.slice('whsec_'.length), 'base64'))
  const keys = privateKey.map((text) => {
    const seed = Buffer.from(text.slice('whsk_'.length), 'base64').subarray(0, 32)
    return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  })
  return (key, body, now) => {
    // An id has no full stop, which separates it from the rest of what is signed; agents' names may.
    const id = `msg_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`
    const timestamp = String(Math.floor(now / 1000))
    const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
    const signatures = [
      ...hmacs.map((hmac) => `v1,${createHmac('sha256', hmac).update(content).digest('base64')}`),
      ...keys.map((each) => `v1a,${sign(null, content, each).toString('base64')}`),
    ]
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
  }
}
