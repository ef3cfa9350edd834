/**
 * Claims of a JSON Web Token that the record holds, or that somebody decoded before. With `jwks` only the claims of a
 * token are used that one of those keys signed, and never those of a token that is not the actor's. The token itself leaves the event: its keyed hash stands in its place.
 */
import { type Additions, nothingToAdd, type RecordAdditions, type RecordEnricher } from './contract.ts'
import { type Claims, claimAdditions } from './jwt-claims.ts'
import { isSigned, type KeySet, type Keys, readKeys } from './jwt-keys.ts'
import { matchToken } from './jwt-match.ts'
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
    (text) => judge(text, spec, keys?.value.keys),
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
        const matched = matchToken(claimAdditions(found, { verified: false }), event)
        return withWarning(matched, matched.problem && `the token in ${claims} ${matched.problem}`)
      }
      const texts = textsOf(token === undefined ? undefined : readMember(event, token))
      if (texts.length === 0) return nothing
      const secrets = texts.filter((text) => text.length >= shortestSecret)
      // A header that was sent more than once is a list: what stands beside the token may be any other credential.
      const { additions, problem, doubt, starts, expires } = texts
        .map(judged)
        .reduce((first, next) => (first.isToken ? first : next.isToken ? next : first))
      if (problem !== undefined) {
        return { additions: nothingToAdd, secrets, warning: `the token in ${token} ${problem}` }
      }
      const time = typeof event.time === 'string' ? Date.parse(event.time) : Number.NaN
      const matched = matchToken(additions, event)
      const doubts = [
        doubt,
        expires < time ? 'had expired' : undefined,
        starts > time + clockSkew ? 'was not valid yet' : undefined,
      ].filter((each) => each !== undefined)
      const said = matched.problem ?? (doubts.length > 0 ? doubts.join(', and ') : undefined)
      return { ...withWarning(matched, said && `the token in ${token} ${said}`), secrets }
    },
  }
}

const withWarning = ({ additions }: RecordAdditions, warning: string | undefined): RecordAdditions => ({
  additions,
  warning,
})

/** What may be tokens: a text, or those of a list, each without the `Bearer` before it. */
const textsOf = (found: unknown): readonly string[] =>
  (Array.isArray(found) ? found : [found]).flatMap((one: unknown) =>
    typeof one === 'string' && one !== '' ? [one.replace(/^bearer\s+/i, '')] : [],
  )

/** Milliseconds that the clock of who issues tokens may be ahead of the record's. */
const clockSkew = 60_000

/** A shorter text would be found, and replaced, in many places where it is no token. */
const shortestSecret = 8

const keyLoader = {
  key: 'jwks',
  maxBytes: largestKeySet,
  parse: readKeys,
  notes: ({ notes }: KeySet) => notes,
  empty: { keys: [], notes: [] } satisfies KeySet,
}

interface Judgement {
  /** Whether it is a token at all. */
  readonly isToken: boolean
  readonly additions: Additions
  /** Why its claims are not used. */
  readonly problem?: string
  /** What is to be said of claims that are used all the same. */
  readonly doubt?: string | undefined
  /** Unix milliseconds; NaN where the token does not say. */
  readonly starts: number
  readonly expires: number
}

const refused = (problem: string, isToken = true): Judgement => ({
  isToken,
  additions: nothingToAdd,
  problem,
  starts: Number.NaN,
  expires: Number.NaN,
})

function judge(token: string, spec: JwtSpec, keys: Keys | undefined): Judgement {
  const parts = token.split('.')
  const [header, payload] = [parts[0], parts[1]].map(decoded)
  if (parts.length !== 3 || header === undefined || payload === undefined)
    return refused('is no signed JWT', false)
  const { alg } = header
  // RFC 7515, section 4.1.11: whoever does not understand an extension that is listed must refuse the token.
  if (header.crit !== undefined)
    return refused('has extensions (`crit`) that are not understood: its claims are not used')
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
  return {
    isToken: true,
    additions: claimAdditions(payload, { kid, verified }),
    doubt: keys === undefined || verified ? undefined : unsigned,
    starts: milliseconds(payload.nbf),
    expires: milliseconds(payload.exp),
  }
}

const milliseconds = (seconds: unknown): number => (typeof seconds === 'number' ? seconds * 1000 : Number.NaN)

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
