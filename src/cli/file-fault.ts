/** What keeps a file from being read, in words. */
import { asError, systemCode } from '../errors.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no UTF-8 text',
}

export function fileFault(thrown: unknown): string {
  const code = systemCode(thrown)
  return (code === undefined ? undefined : reasons[code]) ?? asError(thrown).message
}
