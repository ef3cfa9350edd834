/** `<PRI>`: facility and severity in one number. https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1 */

const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )
const severities = 'emerg alert crit err warning notice info debug'.split(' ')
/** With zeros before it, which some senders write. */
const pattern = /^<(\d{1,3})>/

export interface Priority {
  /** Absent where there is none of that number. */
  readonly levels?: { readonly facility: string; readonly severity: string }
  /** As it is written, with its brackets. */
  readonly text: string
}

export function readPriority(text: string): Priority | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const number = Number(match[1])
  const facility = facilities[number >> 3]
  const levels = facility && { facility, severity: severities[number & 7]! }
  return { ...(levels && { levels }), text: match[0] }
}
