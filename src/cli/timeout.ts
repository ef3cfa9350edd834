/** `--timeout 10m`, in milliseconds. */
import { parseDuration } from '../config/values.ts'
import { AffiantError } from '../errors.ts'

/** What a timer can wait for. */
const longest = 2 ** 31 - 1

/** @throws AffiantError usage */
export function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= longest) return milliseconds
  throw new AffiantError(
    'usage',
    `--timeout ${JSON.stringify(text)} is no duration up to 24d, as in 30s or 10m`,
  )
}
