/** Some destinations echo what they did not like. What could be a secret does not reach logs or dead letters. */

/** Of an answer that is no success, so much is quoted. Characters. */
const QUOTED = 200

/** One secret, or all that it was lately. */
export type Concealed = string | readonly string[] | undefined

/** `secrets`: as they are now. Returns what makes of any text one printable line without them. */
export function concealer(secrets: () => readonly Concealed[]): (text: string) => string {
  return (text) => {
    if (text === '') return text
    const hidden = secrets()
      .flatMap((value) => value ?? [])
      .filter((value) => value.length >= 4)
      .flatMap(formsOf)
      .sort((a, b) => b.length - a.length)
    const concealed = hidden.reduce((rest, value) => rest.replaceAll(value, '***'), text)
    return concealed
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
      .slice(0, QUOTED)
  }
}

/** As it is, and as it stands in JSON, in URLs and in base64. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [
    ...new Set([
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
      base64,
    ]),
  ]
}
