/** What a line of Linux auditd says of the event that it is a part of, as audit.log and audispd write it. */

export interface AuditLine {
  /** Host and `time:serial`: the same for all lines of an event. */
  readonly event: string
  /** As ausearch shows it, for people. */
  readonly stamp: string
  readonly type: string
  /** No line of the event comes behind this one. */
  readonly isLast: boolean
}

/** Longest host name that POSIX allows, and what stands around it and the stamp. */
const looked = 400
const header = /^(?:node=(\S+) )?type=(\S+) msg=audit\((\d+\.\d+:\d+)\):?/

/**
 * Types of which there is one line an event. Messages of programs (`msg='…'`) are known by that, and all that the kernel
 * writes itself may come with others: also LOGIN and CONFIG_CHANGE come with the system call that caused them.
 */
const alone = /^(?:EOE|PROCTITLE|KERNEL|USER_TTY|USER_MAC_POLICY_LOAD|DAEMON_\w+)$/

/** Undefined for a line that belongs to no event. */
export function readAuditLine(line: Buffer): AuditLine | undefined {
  const text = line.toString('latin1', 0, looked)
  const match = header.exec(text)
  if (match === null) return undefined
  const [head, node = '', type = '', stamp = ''] = match
  const isLast = alone.test(type) || text.indexOf(" msg='", head.length) >= 0
  return { event: `${node} ${stamp}`, stamp, type, isLast }
}
