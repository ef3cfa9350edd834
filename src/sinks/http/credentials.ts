/** How the sink identifies itself, and what of that must never be seen. */
import type { HttpSinkConfig } from './config.ts'

/** The `Authorization` header: RFC 6750, section 2.1, and RFC 7617. */
export function authorization(auth: HttpSinkConfig['auth']): string | undefined {
  if (auth?.bearer !== undefined) return `Bearer ${auth.bearer}`
  return auth?.basic === undefined ? undefined : `Basic ${encodeBasic(auth.basic)}`
}

/** What could be a secret: tokens, in each of the forms in which a destination can echo them. */
export function secretsOf({ auth, headers, url, tls }: HttpSinkConfig): string[] {
  const { bearer, basic } = auth ?? {}
  return [
    bearer,
    ...(basic === undefined ? [] : [basic.password, encodeBasic(basic)]),
    tls?.key,
    ...Object.values(headers),
    ...new URL(url).searchParams.values(),
  ].filter((value) => value !== undefined)
}

function encodeBasic({ user, password }: { readonly user: string; readonly password: string }): string {
  return Buffer.from(`${user}:${password}`).toString('base64')
}
