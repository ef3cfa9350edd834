/**
 * What a secret looks like. First by the forms that issuers give their tokens so that scanners find them, then by
 * chance: a long run in which capitals, small letters and digits take turns as they do in no name, or letters of one case and
 * digits. Ids are not secrets
 * and must pass: UUIDs, hex digits, access key ids (`AKIA…`), SHA-256 in base64 (43 or 44 characters of both cases), keyed hashes, public keys,
 * and the 20 to 27 characters that identity providers give to sessions and tokens as their ids.
 */
import { CleanTexts } from './redact/clean-texts.ts'

/** JSON Web Tokens, and other JOSE in compact form. */
export const jwtPattern =
  '(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{2,}(?:\\.[A-Za-z0-9_-]*){1,3}'

/**
 * Forms of tokens, each told by how it begins. Matching is linear: every quantifier is over one class, and what could
 * begin anywhere in a run of that class (a JSON Web Token) must begin where the run does.
 */
const tokens = [
  jwtPattern,
  // GitHub, GitLab
  'gh[pousr]_[A-Za-z0-9]{16,}',
  'github_pat_[A-Za-z0-9_]{16,}',
  'gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent|oas|ffct)-[A-Za-z0-9_=.-]{16,}',
  // Slack, Stripe
  'xox[a-z](?:\\.xox[a-z])?-[A-Za-z0-9-]{8,}',
  'xapp-[A-Za-z0-9-]{8,}',
  '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}',
  'whsec_[A-Za-z0-9+/=]{16,}',
  // Vault
  'hv[sbr]\\.[A-Za-z0-9_-]{16,}',
  // Google, Azure, AWS session tokens
  'AIza[A-Za-z0-9_-]{30,}',
  'ya29\\.[A-Za-z0-9_.-]{16,}',
  'GOCSPX-[A-Za-z0-9_-]{16,}',
  '[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{30,}',
  '(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=]{16,}',
  // others that are found in logs
  '(?:npm|hf)_[A-Za-z0-9]{30,}',
  'pypi-[A-Za-z0-9_-]{16,}',
  'dckr_pat_[A-Za-z0-9_-]{16,}',
  'do[opr]_v1_[a-f0-9]{16,}',
  'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
  'sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{16,}',
  'gl(?:sa|c)_[A-Za-z0-9_+/=]{16,}',
  'ATATT3[A-Za-z0-9_=-]{16,}',
  'PMAK-[A-Za-z0-9-]{16,}',
  // keys as files hold them; certificates are public
  '(?:MII[A-Za-z0-9+/]{3}IBA(?:DANBgkq|AK[BC])|MI(?:GH|G2)AgEAMB[AM]GByqGSM49|MHcCAQEE|MIGkAgEBBD|MC4CAQAwBQYDK2V)[A-Za-z0-9+/=]{16,}',
  '-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\]*(?:-----END [A-Z ]{0,40}-----)?',
]

/** What an `Authorization` header says: the scheme stays, what follows is the secret. */
const schemes = '(?:[Bb]earer|[Bb]asic|BEARER|BASIC|Negotiate|NTLM|DPoP)'

/** A token, at a place where a word begins. */
export const tokenPattern = `(?<![A-Za-z0-9_])(?:${tokens.join('|')}|${schemes} +(?=[a-z_.~-]{0,64}[A-Z0-9+/=]|[a-z]{20})[A-Za-z0-9+/=_.~-]{8,})`

/**
 * Secrets that are told by what stands before them, which stays. In any case; linear, since what stands before is bounded and
 * no two secrets begin in the same run.
 */
export const placedPattern = [
  // The signature of a URL that is signed: Azure (SAS), AWS, Google. An `&` may be written as JSON or URLs escape it; of
  // what does not stand behind one, only what is as long as a signature: `sig` is also the number of a signal.
  '(?<=(?:[?&;]|u0026|%26)(?:sig|x-(?:amz|goog)-signature)(?:=|%3d))(?!hmac-sha)[A-Za-z0-9%+/=_-]{8,}',
  '(?<=(?<![A-Za-z0-9_-])sig=)[A-Za-z0-9%+/=_-]{40,}',
  // The password in a URL; not one that was masked or hashed.
  '(?<=[a-z][a-z0-9+.-]{0,31}://[^\\s/?#:@"\'<>]{0,128}:)(?!\\*+@|hmac-sha)[^\\s/?#"\'<>]{1,512}(?=@)',
  // The secret key of AWS, and that of a connection string of Azure
  '(?<=secret_?access_?key(?:\\\\{0,8}["\'])?\\s{0,8}[:=]\\s{0,8}(?:\\\\{0,8}["\'])?)[A-Za-z0-9+/=]{16,}',
  '(?<=(?:account|sharedaccess)key=)[A-Za-z0-9+/]{32,}={0,2}',
].join('|')

const token = new RegExp(tokenPattern)
const placed = new RegExp(placedPattern, 'i')
const authorization =
  /^(?:bearer|basic|digest|negotiate|ntlm|dpop|token|apikey|aws4-hmac-sha256)\s+(?!(?:auth|authentication|credentials?|token|key)$)\S{4,}/i
/** However short: of these schemes, nothing else follows but the word for what they are. */
const shortAuthorization =
  /^(?:bearer|basic|dpop)\s+(?!(?:auth|authentication|credentials?|token|key)$)[^\s]+$/i
/** Vault's tokens before version 1.10. */
const oldVaultToken = /^[sbr]\.[A-Za-z0-9]{24,}$/
/** A password in a URL, or a parameter that is one. */
const inUrl = /\/\/[^/@\s]*:[^/@\s]+@|[?&;](?:access_token|token|password|secret|sig|api_?key)=[^&\s]{4,}/i

/** Shorter texts are never taken for secrets: nothing tells them from names. */
const shortestSecret = 12
/** Shorter runs are not judged by chance. */
export const shortestRun = 32

const knownIds =
  /^(?:hmac-sha(?:1|256|512):|sha(?:1|256|512)[:-]|(?:ssh|ecdsa)-|-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-)|\.apps\.googleusercontent\.com$/i
const sha256 = /^(?:SHA256:)?(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+/_-]{43}=?$/
/** UUIDs, fingerprints, serial numbers, and PostgreSQL's ids of sessions. */
const hexDigits = /^[0-9A-Fa-f:-]+(?:\.[0-9A-Fa-f]{1,8})?$/
const uuidOrHex = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}/gi
/** A secret access key of AWS is exactly so long. */
const awsSecret = /^[A-Za-z0-9+/]{40}$/
const runs = /[A-Za-z0-9+/=_~-]{32,}/g
const runsOfOneCase = /(?<![A-Za-z0-9])(?:[a-z0-9]{32,}|[A-Z0-9]{32,})(?![A-Za-z0-9])/g

/** Ids that were looked at: the same few come again and again. */
const harmless = new CleanTexts()

/** Whether a text that ought to be an id looks like the secret itself. */
export function looksSecret(text: string): boolean {
  if (text.length < shortestSecret) return shortAuthorization.test(text)
  if (hexDigits.test(text) || harmless.has(text)) return false
  const secret = hasSecretForm(text) || isRandomText(text)
  if (!secret) harmless.add(text)
  return secret
}

const hasSecretForm = (text: string): boolean =>
  token.test(text) ||
  placed.test(text) ||
  authorization.test(text) ||
  shortAuthorization.test(text) ||
  oldVaultToken.test(text) ||
  inUrl.test(text)

function isRandomText(text: string): boolean {
  if (text.length < shortestRun || knownIds.test(text) || sha256.test(text)) return false
  if (awsSecret.test(text) && isRandom(text, 0.25)) return true
  const left = text.replaceAll(uuidOrHex, ' ')
  const isIn = (pattern: RegExp, isSecret: (run: string) => boolean) =>
    left.match(pattern)?.some(isSecret) ?? false
  return isIn(runs, (run) => isRandom(run, 0.35)) || isIn(runsOfOneCase, isRandomInOneCase)
}

/** 0: none of them, 1: a small letter, 2: a capital, 3: a digit. */
function classOf(code: number): 0 | 1 | 2 | 3 {
  if (code >= 0x61 && code <= 0x7a) return 1
  if (code >= 0x41 && code <= 0x5a) return 2
  return code >= 0x30 && code <= 0x39 ? 3 : 0
}

/**
 * Two neighbours of a random base64 text are of different classes in more than half of all cases; in names, paths and words, in
 * two of ten or fewer.
 */
function isRandom(run: string, least: number): boolean {
  const { lower, upper, digits, turns } = countIn(run)
  return lower > 2 && upper > 2 && digits > 0 && turns >= run.length * least
}

/** Of random letters of one case and digits, two in five; a name's digits stand together, at its end. */
function isRandomInOneCase(run: string): boolean {
  const { lower, upper, digits, turns } = countIn(run)
  return lower + upper > 2 && digits > 2 && turns >= run.length * 0.18
}

function countIn(run: string) {
  const counts = [0, 0, 0, 0]
  let turns = 0
  let before = 0
  for (let i = 0; i < run.length; i++) {
    const own = classOf(run.charCodeAt(i))
    counts[own]!++
    if (own !== before && own !== 0 && before !== 0) turns++
    before = own
  }
  const [, lower = 0, upper = 0, digits = 0] = counts
  return { lower, upper, digits, turns }
}
