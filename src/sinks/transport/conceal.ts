/** Some destinations echo what they did not like. What could be a secret does not reach logs or dead letters. */

/** Of an answer that is no success, so much is quoted. Characters. */
const QUOTED = 200

/** `secrets`: as they are now. Returns what makes of any text one printable line without them. */
export function concealer(secrets: () => readonly (string | undefined)[]): (text: string) => string {
  return (text) => {
    const hidden = secrets()
      .filter((value) => value !== undefined && value.length >= 4)
      .sort((a, b) => b!.length - a!.length)
    const concealed = hidden.reduce<string>((rest, value) => rest.replaceAll(value!, '***'), text)
    return concealed
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
      .slice(0, QUOTED)
  }
}
