/**
 * What of one record is read in one piece: objects and lists, and whatever else takes as much memory. By the time that its event is
 * written each has cost some two hundred bytes. See docs/decisions/016-too-much-to-be-read.md.
 */
export const mostWeight = 500_000
