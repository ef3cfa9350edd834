/**
 * The keys of keyed hashes: those of the configuration, or one that is made at the first start and kept in
 * `data_dir/hash.key` (64 hex digits, for nobody but the agent's user). What was hashed with it belongs together for as
 * long as that file stays.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HashKey, hashKeyOf, randomHashKey } from '../attribution/keyed-hash.ts'
import { AffiantError, systemCode } from '../errors.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { replaceFile } from '../journal/small-file.ts'
import type { AgentConfig } from './config.ts'

const fileIn = (dataDir: string) => join(dataDir, 'hash.key')

/**
 * For the agent, which holds the directory's lock: makes the key where there is none.
 * @throws AffiantError data_dir_unusable where the file is no key
 */
export async function openHashKeys({ hash_keys, agent }: AgentConfig): Promise<readonly HashKey[]> {
  if (hash_keys.length > 0) return hash_keys
  const known = readKey(agent.data_dir)
  if (known !== undefined) return [known]
  const made = randomHashKey()
  await writeKey(agent.data_dir, made)
  return [made]
}

/** For commands that look at what an agent left. None where nothing was hashed yet. */
export function findHashKeys({ hash_keys, agent }: AgentConfig): readonly HashKey[] {
  if (hash_keys.length > 0) return hash_keys
  const known = readKey(agent.data_dir)
  return known === undefined ? [] : [known]
}

function readKey(dataDir: string): HashKey | undefined {
  const path = fileIn(dataDir)
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  if (!/^[0-9a-f]{64}\n$/.test(text)) {
    throw new AffiantError('data_dir_unusable', `${path} is no key of 64 hex digits`, {
      hint: 'put back the file that was there, or remove it: another key is made then, and hashes from before no longer compare',
    })
  }
  return hashKeyOf(Buffer.from(text.trim(), 'hex'))
}

/** Whole or absent: a key that hashes were made with must not be lost to a power cut. */
async function writeKey(dataDir: string, { secret }: HashKey): Promise<void> {
  await replaceFile(nodeFileSystem, fileIn(dataDir), Buffer.from(`${secret}\n`))
}
