/**
 * What was sent before is not committed again. A sender that heard no answer sends once more, and what it sends has a key
 * of its own (the id of a record) for each credential, and a hash of its content: the same under the same key is answered
 * as taken in once the first is committed, and only then.
 *
 * Invariants: a key is claimed by one request at a time, all of a request's at once or none, and who waits holds none: so
 * nobody waits for himself, however requests overlap. A claim ends with the commit or without; then who waited looks again,
 * and takes in himself what was not.
 */
import type { Clock } from '../../clock.ts'
import type { AskedKeys } from './asked-keys.ts'
import { Claim } from './claim.ts'
import { Claims } from './claims.ts'
import type { RecentMarks } from './recent-marks.ts'

export class Duplicates {
  readonly #marks: RecentMarks
  readonly #clock: Clock
  /** Keys whose first is on its way into the journal. */
  readonly #claims = new Claims<Claim>()

  constructor(marks: RecentMarks, clock: Clock) {
    this.#marks = marks
    this.#clock = clock
  }

  /** Waits for what others have claimed of it. Has to be released. */
  async claim(asked: AskedKeys): Promise<Claim> {
    for (;;) {
      const claim = new Claim(asked, this.#claims, this.#marks, this.#clock)
      const holder = claim.take()
      if (holder === undefined) return claim
      claim.release()
      await holder.released
    }
  }
}
