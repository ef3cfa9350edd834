/** `attribution.enrich`, and `enrich` of a receiver. */
import { z } from 'zod'
import { sizeFrom } from '../../config/values.ts'
import { lazily } from '../../lazily.ts'
import { didYouMean } from '../member-names.ts'
import type { EnrichSpec } from './enrichment.ts'
import type { JwtSpec } from './jwt.ts'
import type { KubernetesSpec } from './kubernetes.ts'
import { memberFit, placeProblem, readableProblem } from './member.ts'
import { pathProblem } from './path.ts'
import { isSettable } from './setter.ts'
import { tableFormat } from './table.ts'

const text = () => z.string().min(1)

const scopeLevel = lazily(() =>
  z
    .strictObject({ type: text(), id: text().optional(), name: text().optional() })
    .refine(({ id, name }) => id !== undefined || name !== undefined, 'needs an id or a name')
    // In canonical order.
    .transform(({ type, id, name }) => ({
      ...(id === undefined ? {} : { id }),
      ...(name === undefined ? {} : { name }),
      type,
    })),
)

const scopes = lazily(() => z.array(scopeLevel()).min(1))

const staticConfig = lazily(() =>
  z
    .record(z.string(), z.unknown())
    .transform((given, context) => {
      const members = Object.entries(given).map(([member, value]): [string, unknown] => {
        const issue = (message: string, path: (string | number)[] = []) =>
          context.addIssue({ code: 'custom', message, path: [member, ...path] })
        if (member === 'scope') {
          const levels = scopes().safeParse(value)
          for (const { message, path } of levels.error?.issues ?? [])
            issue(message, path as (string | number)[])
          return [member, levels.data]
        }
        const fitting = memberFit(member)
        const fitted = fitting?.(value)
        if (fitting === undefined) issue(unsettable(member))
        else if (fitted === undefined) issue(`${JSON.stringify(value)} is no ${member}`)
        return [member, fitted]
      })
      return Object.fromEntries(members)
    })
    .describe(
      'Values for members that the record does not fill, by their dotted names: `actor.tenant: acme`. `scope` takes levels with `type`, `id`, `name`, which go before those of the record',
    ),
)

const unsettable = (member: string): string => {
  const guess = didYouMean(member, isSettable)
  const wrong = `${JSON.stringify(member)} is no member that an enricher may set`
  return guess === ''
    ? `${wrong}: write its dotted name, as in actor.email or metadata.team`
    : `${wrong}${guess}`
}

/** Of the members that an enricher sets. */
const settableKeys = (set: object, context: z.core.$RefinementCtx): void => {
  for (const member of Object.keys(set)) {
    if (!isSettable(member)) context.addIssue({ code: 'custom', message: unsettable(member), path: [member] })
  }
}

const readable = lazily(() =>
  z.string().superRefine((member, context) => {
    const problem = readableProblem(member)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  }),
)

const setConfig = lazily(() =>
  z
    .record(z.string(), text())
    .refine((set) => Object.keys(set).length > 0, 'needs at least one member')
    .superRefine(settableKeys),
)

const lookupConfig = lazily(() =>
  z
    .strictObject({
      file: text().describe('The table: CSV whose first line names the columns, JSON or YAML'),
      format: z
        .enum(['csv', 'json', 'yaml'])
        .optional()
        .describe('What the file is; by default what its name ends in says'),
      key: readable().describe(
        'The member of the event that is looked up: `actor.id`, `source.ip`, `provenance.peer.auth_id`',
      ),
      column: text()
        .optional()
        .describe(
          'The column that holds the key. Default: the first one; in an object of rows, the names of its members',
        ),
      match: z
        .enum(['exact', 'longest_prefix'])
        .default('exact')
        .describe(
          'longest_prefix: the longest key that the text begins with; of `source.ip` and `provenance.peer.ip` the smallest network the address lies in, keys being addresses and networks such as 10.0.0.0/8',
        ),
      ignore_case: z.boolean().default(false).describe('Keys match in any case'),
      set: setConfig().describe(
        'Which column fills which member; `scope.<type>` is the level of the scope with that type, of which the column is the id',
      ),
      separator: text()
        .default(';')
        .describe('Between the elements of a list that a column holds as one text'),
      max_size: sizeFrom('1KiB', '1GiB').prefault('64MiB').describe('A larger file is not loaded'),
    })
    .transform(({ format, ...given }, context) => {
      const found = format ?? tableFormat(given.file)
      if (found === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['file'],
          message: 'does not end in .csv, .json, .yaml: say its `format`',
        })
      }
      return { ...given, format: found ?? ('csv' as const) }
    })
    .describe('What a table says of a member. A file that changes is loaded again'),
)

const geoipConfig = lazily(() =>
  z
    .strictObject({
      file: text().describe('A database in MaxMind DB format: City, Country, ASN'),
      key: readable().default('source.ip').describe('The member that holds the address'),
      language: text()
        .default('en')
        .describe('Of names of cities and regions; `en` where a name is not in it'),
      max_size: sizeFrom('1KiB', '2GiB').prefault('512MiB').describe('A larger file is not loaded'),
    })
    .describe(
      'Where an address is, and whose network it lies in: `source.geo`, `source.asn`. A file that changes is loaded again',
    ),
)

const userAgentConfig = lazily(() =>
  z
    .strictObject({
      key: readable().default('source.user_agent').describe('The member that holds the text'),
    })
    .describe('What kind of client the text of a user agent stands for: `metadata.user_agent`'),
)

const pathConfig = lazily(() =>
  z
    .strictObject({
      pattern: text()
        .optional()
        .describe(
          'A regular expression (RE2) with named groups, as in (?P<tenant>[^/]+), found anywhere in the path',
        ),
      template: text()
        .optional()
        .describe('A whole path: `{name}` and `*` stand for a part of one name, `**` for any directories'),
      set: setConfig().describe('Which group fills which member; `scope.<type>` is a level of the scope'),
    })
    .superRefine((given, context) => {
      const message = pathProblem(given)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .describe('What the path of a file says. Of receivers that read no files it is nothing'),
)

/** From the environment of the agent where it is not written: what the downward API puts there. */
const fromEnvironment = (variable: string, what: string) =>
  text()
    .optional()
    .describe(`${what}. Default: the environment variable ${variable}`)
    .transform((given) => given ?? (process.env[variable] || undefined))

const kubernetesConfig = lazily(() =>
  z
    .strictObject({
      from: z
        .enum(['path', 'pod'])
        .default('path')
        .describe(
          'path: the pod is the one under whose name kubelet keeps the log (/var/log/pods, /var/log/containers); pod: it is the one that the agent runs in, as a sidecar',
        ),
      cluster: text().optional().describe('Name of the cluster: a level of the scope'),
      node: fromEnvironment('NODE_NAME', 'Name of the node'),
      namespace: fromEnvironment('POD_NAMESPACE', 'With `from: pod`, its namespace'),
      pod: fromEnvironment('POD_NAME', 'With `from: pod`, its name'),
      pod_uid: fromEnvironment('POD_UID', 'With `from: pod`, its uid'),
      container: text().optional().describe('With `from: pod`, the container whose logs are read'),
      labels: text()
        .optional()
        .describe('With `from: pod`, the file of a downward API volume with its labels'),
      annotations: text().optional().describe('With `from: pod`, the one with its annotations'),
    })
    .transform(
      ({ from, cluster, node, ...pod }) =>
        // JSON has no undefined: a specification goes to worker threads as it is written.
        JSON.parse(JSON.stringify({ from, cluster, node, ...(from === 'pod' ? pod : {}) })) as KubernetesSpec,
    )
    .describe(
      'Which pod and container wrote it: `metadata.kubernetes`, and cluster and namespace in the scope',
    ),
)

const texts = lazily(() => z.union([text().transform((one) => [one]), z.array(text()).min(1)]).optional())

const place = lazily(() =>
  z.string().superRefine((member, context) => {
    const problem = placeProblem(member)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  }),
)

const jwtConfig = lazily(() =>
  z
    .strictObject({
      token: place()
        .optional()
        .describe(
          'The member that holds the token, as in `unmapped.headers.authorization`; a `Bearer` before it is passed over',
        ),
      claims: place().optional().describe('Instead: the member that holds claims which somebody has decoded'),
      jwks: text()
        .optional()
        .describe(
          'The public keys of who issues tokens: a file, or a URL that is asked every 5 minutes. Claims of a token that none of them signed are not used. Default: signatures are not looked at',
        ),
      issuer: texts().describe('Claims with another `iss` are not used'),
      audience: texts().describe('Claims with another `aud` are not used'),
      require_verified: z
        .boolean()
        .optional()
        .describe(
          'true: claims are used only where a signature was verified, which needs `jwks`. false: claims of tokens that none of its keys signed are used as well, with a warning. Default: true with `jwks`, false without',
        ),
    })
    .superRefine(({ token, claims, jwks, require_verified: verified }, context) => {
      const issue = (message: string) => context.addIssue({ code: 'custom', message })
      if ((token === undefined) === (claims === undefined)) issue('needs either `token` or `claims`')
      if (claims !== undefined && jwks !== undefined)
        issue('`jwks` verifies a `token`, claims alone have no signature')
      if (verified === true && jwks === undefined)
        issue(
          token === undefined
            ? '`require_verified` needs a `token`: claims alone have no signature'
            : '`require_verified` needs `jwks`: the keys to verify the token with',
        )
      if (jwks?.startsWith('http:') && !/^http:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])[:/]/.test(jwks))
        issue('`jwks` comes over https, or from this machine')
    })
    .transform((given) => JSON.parse(JSON.stringify(given)) as JwtSpec)
    .describe(
      'What a JSON Web Token in the record says about actor, delegation, credential and session. Its keyed hash takes its place',
    ),
)

const kinds = lazily(() => ({
  static: staticConfig().optional(),
  lookup: lookupConfig().optional(),
  geoip: geoipConfig().optional(),
  path: pathConfig().optional(),
  kubernetes: kubernetesConfig().optional(),
  jwt: jwtConfig().optional(),
  user_agent: userAgentConfig().optional(),
}))

const enricher = lazily(() =>
  z
    .strictObject(kinds())
    .meta({ minProperties: 1, maxProperties: 1 })
    .transform((given, context): EnrichSpec => {
      const [only, ...more] = Object.entries(given).filter(([, spec]) => spec !== undefined)
      if (only === undefined || more.length > 0) {
        context.addIssue({
          code: 'custom',
          message: `needs one of ${Object.keys(kinds()).join(', ')}, and only one`,
        })
        return { static: {} }
      }
      return Object.fromEntries([only]) as unknown as EnrichSpec
    }),
)

/** What an entry may be is made with the first entry: most agents have none. */
export const enrichConfig = z.array(z.lazy(enricher))
