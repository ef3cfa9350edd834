/** OCSF's `timestamp_t` is unix milliseconds; the datetime profile adds a text beside it, with every digit. */
import type { Members } from '../absent.ts'

/** `{time, time_dt}` under the attribute's name, or nothing. */
export const timesOf = (name: string, time: string | undefined): Members =>
  time === undefined ? {} : { [name]: millisecondsOf(time), [`${name}_dt`]: time }

const millisecondsOf = (time: string): number => Date.parse(`${time.slice(0, 23)}Z`)
