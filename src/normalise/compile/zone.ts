/** Local times of an IANA zone as UTC. */

const hour = 3_600_000
const day = 24 * hour

/** Offsets kept per zone: an hour each, so a year of distinct hours is 8,760. */
const maxCached = 10_000

/** Milliseconds east of UTC at a UTC time. */
type OffsetAt = (utc: number) => number

const zones = new Map<string, OffsetAt>()

/** Whether the platform knows this zone. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

interface ZonedTime {
  /** Milliseconds. */
  readonly utc: number
  /** Set where clocks went back and showed this time twice, or forward over it. */
  readonly clocks?: 'back' | 'forward'
}

/**
 * The UTC milliseconds of a wall-clock time, given as if it were UTC. A time that happened twice is its first
 * occurrence; one that was skipped is read with the offset before the change.
 */
export function localToUtc(local: number, zone: string): ZonedTime {
  let offsetAt = zones.get(zone)
  if (offsetAt === undefined) {
    offsetAt = createOffsetAt(zone)
    zones.set(zone, offsetAt)
  }
  const before = offsetAt(local - day)
  const after = offsetAt(local + day)
  if (before === after) return { utc: local - before }
  const isBefore = offsetAt(local - before) === before
  const isAfter = offsetAt(local - after) === after
  if (isBefore) return { utc: local - before, ...(isAfter ? { clocks: 'back' } : {}) }
  return isAfter ? { utc: local - after } : { utc: local - before, clocks: 'forward' }
}

function createOffsetAt(zone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const cache = new Map<number, number>()
  return (utc) => {
    // Offsets change on quarters of an hour at the finest.
    const slot = Math.floor(utc / (hour / 4))
    let offset = cache.get(slot)
    if (offset === undefined) {
      const at = slot * (hour / 4)
      const part: Record<string, number> = {}
      for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
      const { year = 0, month = 1, day: date = 1, hour: hours = 0, minute = 0, second = 0 } = part
      offset = Date.UTC(year, month - 1, date, hours, minute, second) - at
      if (cache.size >= maxCached) cache.clear()
      cache.set(slot, offset)
    }
    return offset
  }
}
