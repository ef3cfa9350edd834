/** What a statement about roles or settings names: pgAudit logs it as text and nothing else. */

const setRole = /^\s*SET\s+(?:SESSION\s+|LOCAL\s+)?ROLE\s+(?:TO\s+|=\s*)?["']?([^"';\s]+)/i
const setAuthorization =
  /^\s*SET\s+(?:SESSION\s+|LOCAL\s+)?SESSION\s+AUTHORIZATION\s+(?:TO\s+|=\s*)?["']?([^"';\s]+)/i
const setting = /^\s*(?:SET|RESET)\s+(?:SESSION\s+|LOCAL\s+)?([a-z_][\w.]*)/i
const ofRole =
  /^\s*(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"?([^"\s;,]+)/i

/**
 * `set_role`: whose rights the session has from now on. `setting`: another parameter that is set. `role`: which one is made,
 * changed or dropped.
 */
export function namedByStatement({
  class: kind,
  command,
  statement,
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (statement === undefined) return {}
  if (command === 'SET' || command === 'RESET') {
    const role = (setRole.exec(statement) ?? setAuthorization.exec(statement))?.[1]
    if (role !== undefined) return { set_role: role }
    const name = setting.exec(statement)?.[1]
    return name === undefined ? {} : { setting: name }
  }
  const role = kind === 'ROLE' ? ofRole.exec(statement)?.[1] : undefined
  return role === undefined ? {} : { role }
}
