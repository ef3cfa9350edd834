/**
 * Passwords as the configuration holds them: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, in the PHC string format with base64
 * without padding. People choose passwords, so that guessing must cost; tokens are random, and a plain hash does.
 * https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md, RFC 7914
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** Bounds what one verification takes: 16 to 128 MiB. The JSON Schema holds it too. */
export const passwordHashPattern =
  /^\$scrypt\$ln=(1[4-7]),r=8,p=([1-9]|1[0-6])\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/

/** Some 0.2 s of one core, and 32 MiB. */
const logN = 15
const parallel = 3
const hashBytes = 32

/** A password's hash, with a salt of its own. Off the event loop, as all of this. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, { salt, logN, parallel })
  return `$scrypt$ln=${logN},r=8,p=${parallel}$${unpadded(salt)}$${unpadded(hash)}`
}

/** @throws TypeError where the hash does not match the pattern */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const [, n, p, salt, hash] = passwordHashPattern.exec(phc) ?? []
  if (salt === undefined || hash === undefined) throw new TypeError('no hash of a password')
  const cost = { salt: Buffer.from(salt, 'base64'), logN: Number(n), parallel: Number(p) }
  return timingSafeEqual(await derive(password, cost), Buffer.from(hash, 'base64'))
}

function derive(
  password: string,
  cost: { readonly salt: Buffer; readonly logN: number; readonly parallel: number },
): Promise<Buffer> {
  const N = 2 ** cost.logN
  // 128 · N · r bytes, and some.
  const options = { N, r: 8, p: cost.parallel, maxmem: 2 * 128 * N * 8 }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFC'), cost.salt, hashBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
