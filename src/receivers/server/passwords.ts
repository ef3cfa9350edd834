/**
 * Who a user name and a password are. A hash is slow by intent: it is computed one at a time, off the event loop, and once
 * for a password that is right; strangers who guess make each other wait, and nobody who was known before.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AffiantError } from '../../errors.ts'
import type { BasicUser } from './entitled.ts'
import { verifyPassword } from './password-hash.ts'

/** Requests that wait for their password to be looked at; of a flood of guesses most are told to come back. */
const mostWaiting = 16

export class Passwords {
  readonly #hashes: ReadonlyMap<string, string>
  /** What stands in for a user that there is not, so that the time tells nobody which names there are. */
  readonly #decoy: string
  /** Of passwords that were right: their HMAC by user, under a key that lives as long as this. */
  readonly #right = new Map<string, Buffer>()
  readonly #key = randomBytes(32)
  /** By the HMAC of what is being looked at: a client's requests come at the same time. */
  readonly #asked = new Map<string, Promise<boolean>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(users: readonly [BasicUser, ...BasicUser[]]) {
    this.#hashes = new Map(users.map(({ user, hash }) => [user, hash]))
    this.#decoy = users[0].hash
  }

  /** Rejects with `overloaded`. */
  async areRight(user: string, password: string): Promise<boolean> {
    const mac = createHmac('sha256', this.#key).update(`${user.length}:${user}${password}`).digest()
    const known = this.#right.get(user)
    if (known && timingSafeEqual(known, mac)) return true
    const key = mac.toString('base64')
    const asked = this.#asked.get(key) ?? this.#ask(key, user, password)
    const isRight = await asked
    if (isRight) this.#right.set(user, mac)
    return isRight
  }

  #ask(key: string, user: string, password: string): Promise<boolean> {
    if (this.#asked.size >= mostWaiting)
      throw new AffiantError('overloaded', `${mostWaiting} passwords are being looked at already`)
    const asked = this.#last.then(async () => {
      const hash = this.#hashes.get(user)
      const matches = await verifyPassword(password, hash ?? this.#decoy)
      return matches && hash !== undefined
    })
    this.#asked.set(key, asked)
    this.#last = asked.catch(() => {}).finally(() => this.#asked.delete(key))
    return asked
  }
}
