/**
 * `affiant hash`: what stands in events for values that are known, so that an event can be found by its value without
 * anybody writing that into a search. Values come from the standard input: a command line is seen by others.
 */
import { createInterface } from 'node:readline'
import { findHashKeys } from '../agent/hash-keys.ts'
import { loadAgentConfig } from '../agent/load.ts'
import { createKeyedHash } from '../attribution/keyed-hash.ts'
import { AffiantError } from '../errors.ts'
import { hashPassword } from '../receivers/server/password-hash.ts'

export interface HashOptions {
  readonly config: readonly string[]
  readonly input: NodeJS.ReadableStream
  readonly output: { write(text: string): unknown }
}

/** One line for each value and key: the current key first, then those before it. Resolves to the exit code. */
export async function hashCommand({ config: paths, input, output }: HashOptions): Promise<0> {
  const { config } = await loadAgentConfig(paths)
  const hashes = findHashKeys(config).map((key) => createKeyedHash([key]))
  if (hashes.length === 0) {
    throw new AffiantError('not_found', `there is no key in ${config.agent.data_dir} to hash with`, {
      hint: 'an agent makes one when it first starts, unless hash_keys has some',
    })
  }
  for await (const value of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    for (const hash of hashes) output.write(`${hash(value)}\n`)
  }
  return 0
}

/** One line for each password, which is what a receiver's `auth.basic` knows it by: each time another. */
export async function hashPasswords({ input, output }: Omit<HashOptions, 'config'>): Promise<0> {
  for await (const password of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (password === '') throw new AffiantError('usage', 'a password is empty: everybody would have it')
    output.write(`${await hashPassword(password)}\n`)
  }
  return 0
}
