/** What a command reads: a file, or the standard input, as the bytes that it stands for. */
import { createReadStream } from 'node:fs'
import { AffiantError, systemCode } from '../errors.ts'
import { fileFault } from './file-fault.ts'
import { plainBytes } from './plain-bytes.ts'

export interface Input {
  /** As it was named, for messages. */
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Each of `files` in turn, `-` or none being the standard input. What is wrong shows when its bytes are read.
 * @throws AffiantError `input_unreadable`, `input_format`
 */
export function openInputs(files: readonly string[], standardInput: AsyncIterable<Uint8Array>): Input[] {
  return (files.length === 0 ? ['-'] : files).map((file) =>
    file === '-'
      ? { name: '-', bytes: plainBytes(standardInput, 'the standard input') }
      : { name: file, bytes: plainBytes(bytesOf(file), file) },
  )
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>
  } catch (thrown) {
    throw new AffiantError('input_unreadable', `${file} cannot be read: ${fileFault(thrown)}`, {
      cause: thrown,
      ...(systemCode(thrown) === 'EISDIR' && { hint: 'name the files in it' }),
    })
  }
}
