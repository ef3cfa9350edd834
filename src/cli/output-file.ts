/** Where a command writes what it makes: a file that wasn't there before, or the standard output. */
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { AffiantError, asError, systemCode } from '../errors.ts'

export interface Output extends AsyncDisposable {
  write(bytes: Buffer): Promise<void>
}

/**
 * `-` is the standard output.
 * @throws AffiantError usage: it is there already, or can't be written
 */
export async function openOutput(path: string): Promise<Output> {
  if (path === '-') return standardOutput
  try {
    const file = await open(path, 'wx', 0o600)
    return {
      async write(bytes) {
        await file.writeFile(bytes)
      },
      async [Symbol.asyncDispose]() {
        await file.sync()
        await file.close()
      },
    }
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new AffiantError('usage', `${path} is there already`, {
        hint: 'name another file: what is there may be all that is left',
      })
    }
    throw new AffiantError('usage', `${path} cannot be written: ${asError(error).message}`, { cause: error })
  }
}

const standardOutput: Output = {
  async write(bytes) {
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
  },
  async [Symbol.asyncDispose]() {},
}
