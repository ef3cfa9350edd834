/**
 * What the claims of a JSON Web Token say about who acts: RFC 7519 (sub, iss, jti), RFC 8693 (act, client_id, scope),
 * OpenID Connect (azp, sid, amr, email), and what Entra ID and Keycloak add (scp, roles, groups, tid, realm_access).
 */
import type { Addition, Additions } from './contract.ts'
import { memberFit } from './member.ts'

export type Claims = Readonly<Record<string, unknown>>

/** Deeper chains are nothing that anybody issues. */
const mostHops = 16

export interface TokenFacts {
  readonly kid?: string | undefined
  readonly verified: boolean
}

/** @param facts of the token that the claims are of */
export function claimAdditions(claims: Claims, { kid, verified }: TokenFacts): Additions {
  const { sub, client_id: clientId, azp, jti, iss, sid, scope, scp } = claims
  const client = textOf(clientId) ?? textOf(azp)
  const realm = objectOf(claims.realm_access)
  const values: Readonly<Record<string, unknown>> = {
    'actor.id': sub,
    'actor.type': actorType(claims, client),
    'actor.email': claims.email,
    'actor.name': claims.name ?? claims.preferred_username,
    'actor.groups': claims.groups,
    'actor.roles': claims.roles ?? realm?.roles,
    'actor.tenant': claims.tid,
    'credential.type': 'jwt',
    'credential.id': jti ?? kid,
    'credential.issuer': iss,
    'credential.scopes': scope ?? scp,
    'credential.mfa': mfa(claims.amr),
    'session.id': sid,
    'source.application': client === sub ? undefined : client,
  }
  const additions = Object.entries(values).flatMap(([member, given]): Addition[] => {
    // Scopes are written with spaces between them.
    const value = given === undefined || given === null ? undefined : memberFit(member, ' ')?.(given)
    return value === undefined ? [] : [{ member, path: member.split('.'), value }]
  })
  const delegation = hops(claims.act)
  if (delegation.length > 0) additions.push({ member: 'delegation', path: ['delegation'], value: delegation })
  const jwt = Object.freeze({ ...(kid !== undefined && { kid }), verified })
  return [...additions, { member: 'metadata.jwt', path: ['metadata', 'jwt'], value: jwt }]
}

/** Who it was issued to in its own name is a service; who has an address of mail is none. */
function actorType(claims: Claims, client: string | undefined): string | undefined {
  if (client !== undefined && client === claims.sub) return 'service'
  if (claims.gty === 'client-credentials' || claims.idtyp === 'app') return 'service'
  return textOf(claims.email) !== undefined || textOf(claims.preferred_username) !== undefined
    ? 'user'
    : undefined
}

/** RFC 8176. */
function mfa(amr: unknown): boolean | undefined {
  return Array.isArray(amr) ? amr.includes('mfa') : undefined
}

/**
 * The hops after the subject. RFC 8693, section 4.1: the outermost `act` is who acts now, those nested in it acted
 * before. The event's chain is in the order in which it came about: the innermost first, the present one last.
 */
function hops(act: unknown): readonly object[] {
  const found: object[] = []
  let current = objectOf(act)
  for (let depth = 0; current !== undefined && depth < mostHops; depth++) {
    const id = textOf(current.sub) ?? textOf(current.client_id)
    // In canonical order.
    if (id !== undefined)
      found.push(
        Object.freeze({
          id,
          mechanism: 'token_exchange',
          type: textOf(current.sub) === undefined ? 'service' : 'unknown',
        }),
      )
    current = objectOf(current.act)
  }
  return Object.freeze(found.toReversed())
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const objectOf = (value: unknown): Claims | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined
