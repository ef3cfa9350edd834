/** What every receiver that listens is made with. */
import type { Clock } from '../../clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake } from '../receiver.ts'
import type { Notify } from './notice.ts'
import type { RecentMarks } from './recent-marks.ts'

export interface ReceiverOptions<Config> {
  readonly name: string
  readonly config: Config
  readonly intake: Intake
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
  /** What was taken in before the start. Default: nothing. */
  readonly recent?: RecentMarks | undefined
}
