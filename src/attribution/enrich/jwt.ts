/**
 * Claims of a JSON Web Token that the record holds, or that somebody decoded before. With `jwks` only the claims of a
 * token are used that one of those keys signed, and never those of a token that is not the actor's. The token itself leaves the event: its keyed hash stands in its place.
 */
import {
  type Additions,
  type Members,
  nothingToAdd,
  type RecordAdditions,
  type RecordEnricher,
} from './contract.ts'
import { type Claims, claimAdditions } from './jwt-claims.ts'
import { isSigned, type Keys, readKeys } from './jwt-keys.ts'
import { readMember } from './member.ts'
import type { WatchedFiles } from './watched-file.ts'

export interface JwtSpec {
  /** Members that hold the token, or its claims. */
  readonly token?: string | undefined
  readonly claims?: string | undefined
  /** A file, or a URL. */
  readonly jwks?: string | undefined
  readonly issuer?: readonly string[] | undefined
  readonly audience?: readonly string[] | undefined
  /** Whether claims that no signature vouches for are left alone. Default: where there are keys to verify with. */
  readonly require_verified?: boolean | undefined
}

const sets = [
  'actor.email',
  'actor.groups',
  'actor.id',
  'actor.name',
  'actor.roles',
  'actor.tenant',
  'actor.type',
  'credential.id',
  'credential.issuer',
  'credential.mfa',
  'credential.scopes',
  'credential.type',
  'delegation',
  'metadata.jwt',
  'session.id',
  'source.application',
]

const nothing: RecordAdditions = { additions: nothingToAdd }
/** Bytes. */
const largestKeySet = 1024 ** 2

export function jwtEnricher(spec: JwtSpec, files: WatchedFiles): RecordEnricher {
  const { token, claims, jwks } = spec
  const keys = jwks === undefined ? undefined : files.open(jwks, keyLoader)
  const judged = rememberTokens(
    (text) => judge(text, spec, keys?.value),
    () => keys?.version ?? 0,
  )
  return {
    kind: 'jwt',
    reads: 'record',
    sets,
    get version() {
      return keys?.version ?? 0
    },
    additionsFor(event) {
      if (claims !== undefined) {
        const found = readMember(event, claims)
        if (!isClaims(found)) return nothing
        const problem = claimProblem(found, spec)
        if (problem !== undefined)
          return { additions: nothingToAdd, warning: `the claims in ${claims} ${problem}` }
        return unlessAnothers({ additions: claimAdditions(found, { verified: false }) }, event, claims)
      }
      const found = token === undefined ? undefined : readMember(event, token)
      if (typeof found !== 'string' || found === '') return nothing
      const text = found.replace(/^bearer\s+/i, '')
      const { additions, problem, doubt, expires } = judged(text)
      const secrets = text.length < shortestSecret ? [] : [text]
      if (problem !== undefined) {
        return { additions: nothingToAdd, secrets, warning: `the token in ${token} ${problem}` }
      }
      const time = typeof event.time === 'string' ? Date.parse(event.time) : Number.NaN
      const said = doubt ?? (expires < time ? 'had expired' : undefined)
      const warning = said === undefined ? undefined : `the token in ${token} ${said}`
      return unlessAnothers({ additions, secrets, warning }, event, token!)
    },
  }
}

/**
 * Of a token that was issued to somebody else than the record's actor, nothing is true of the event: no chain, credential
 * or session. Its subject stays among the additions, so that the conflict is listed.
 */
function unlessAnothers(
  found: RecordAdditions,
  { actor }: Readonly<Members>,
  member: string,
): RecordAdditions {
  const present = (actor as { readonly id?: string } | undefined)?.id
  const subject = found.additions.find((each) => each.member === 'actor.id')
  if (present === undefined || subject === undefined || subject.value === present) return found
  const warning = `the token in ${member} was issued to another than the record's actor: its claims are not used`
  return { ...found, additions: [subject], warning }
}

/** A shorter text would be found, and replaced, in many places where it is no token. */
const shortestSecret = 8

const keyLoader = { key: 'jwks', maxBytes: largestKeySet, parse: readKeys, empty: [] as Keys }

interface Judgement {
  readonly additions: Additions
  /** Why its claims are not used. */
  readonly problem?: string
  /** What is to be said of claims that are used all the same. */
  readonly doubt?: string | undefined
  /** Unix milliseconds. */
  readonly expires: number
}

const refused = (problem: string): Judgement => ({ additions: nothingToAdd, problem, expires: Number.NaN })

function judge(token: string, spec: JwtSpec, keys: Keys | undefined): Judgement {
  const parts = token.split('.')
  const [header, payload] = [parts[0], parts[1]].map(decoded)
  if (parts.length !== 3 || header === undefined || payload === undefined) return refused('is no signed JWT')
  const { alg } = header
  const kid = typeof header.kid === 'string' ? header.kid : undefined
  const signature = Buffer.from(parts[2] ?? '', 'base64url')
  const verified =
    keys !== undefined &&
    typeof alg === 'string' &&
    isSigned(keys, { alg, kid }, `${parts[0]}.${parts[1]}`, signature)
  const unsigned = 'is signed by none of the keys of `jwks`'
  if (!verified && (spec.require_verified ?? keys !== undefined))
    return refused(`${unsigned}: its claims are not used`)
  const problem = claimProblem(payload, spec)
  if (problem !== undefined) return refused(problem)
  const { exp } = payload
  return {
    additions: claimAdditions(payload, { kid, verified }),
    doubt: keys === undefined || verified ? undefined : unsigned,
    expires: typeof exp === 'number' ? exp * 1000 : Number.NaN,
  }
}

function claimProblem({ iss, aud }: Claims, { issuer, audience }: JwtSpec): string | undefined {
  if (issuer !== undefined && !(typeof iss === 'string' && issuer.includes(iss)))
    return 'is of another issuer: its claims are not used'
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (audience !== undefined && !audiences.some((one) => typeof one === 'string' && audience.includes(one)))
    return 'is for another audience: its claims are not used'
  return undefined
}

function decoded(part: string | undefined): Claims | undefined {
  if (part === undefined || !/^[A-Za-z0-9_-]+$/.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isClaims(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isClaims = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A session sends its token with every request. */
const mostRemembered = 1024

function rememberTokens(find: (token: string) => Judgement, version: () => number) {
  const known = new Map<string, Judgement>()
  let at = version()
  return (token: string): Judgement => {
    if (at !== version()) {
      known.clear()
      at = version()
    }
    let found = known.get(token)
    if (found === undefined) {
      found = find(token)
      if (known.size >= mostRemembered) known.clear()
      known.set(token, found)
    }
    return found
  }
}
