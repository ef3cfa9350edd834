/** `<PRI>`: facility and severity in one number. https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1 */

const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )
const severities = 'emerg alert crit err warning notice info debug'.split(' ')
const pattern = /^<(0|[1-9]\d{0,2})>/

export interface Priority {
  readonly facility: string
  readonly severity: string
  /** Characters that it takes. */
  readonly length: number
}

export function readPriority(text: string): Priority | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const number = Number(match[1])
  const facility = facilities[number >> 3]
  if (facility === undefined) return undefined
  return { facility, severity: severities[number & 7]!, length: match[0].length }
}
