/** Times that cannot be: an event does not happen after it was read. Clocks differ a little, so a little is let pass. */
import { formatTime } from '../event/time.ts'

/** Milliseconds. */
const tolerance = 5 * 60_000

/** For `quality.warnings` of an event that says a later time. */
export const aheadOfReading =
  'time: more than 5 minutes ahead of when it was read, a clock or a zone is wrong'

/** The latest time that is believed of an event that was read then. @param observed unix milliseconds */
export const latestTime = (observed: number): string => formatTime(observed + tolerance)
