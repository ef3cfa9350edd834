/** `keys` of the `otlp_audit` receiver. */
import { z } from 'zod'

const file = () => z.string().min(1)

const key = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .max(512)
      .describe(
        'What `audit.integrity.certificate` says in records that are signed with it; a certificate is known by its fingerprints and its whole text, too',
      ),
    pem: file().optional().describe('PEM file with a public key or a certificate'),
    jwk: file()
      .optional()
      .describe(
        'JSON file with a JWK, or with a set of them in which `kid` is the id; `oct` is a shared secret',
      ),
    secret: file().optional().describe('File with the shared secret of HMACs'),
    encoding: z
      .enum(['text', 'base64', 'hex'])
      .optional()
      .describe(
        'How the secret is written. text, the default: its bytes as they are, without a newline at the end',
      ),
    default: z
      .boolean()
      .default(false)
      .describe('Also for records that name no certificate, as those with an HMAC should not'),
  })
  .superRefine(({ pem, jwk, secret, encoding }, context) => {
    const given = [pem, jwk, secret].filter((each) => each !== undefined)
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: 'needs one of `pem`, `jwk` and `secret`, and only one' })
    if (encoding !== undefined && secret === undefined)
      context.addIssue({ code: 'custom', path: ['encoding'], message: 'has no effect without `secret`' })
  })

const mostDefaults = 8

export const keysConfig = z
  .array(key)
  .max(256)
  .superRefine((keys, context) => {
    if (keys.filter((each) => each.default).length > mostDefaults)
      context.addIssue({
        code: 'custom',
        message: `at most ${mostDefaults} keys may be \`default\`: each is tried on every record that names none`,
      })
    for (const [index, { id }] of keys.entries()) {
      if (keys.findIndex((other) => other.id === id) === index) continue
      context.addIssue({ code: 'custom', path: [index, 'id'], message: `another key has the id ${id}` })
    }
  })
  .default([])
  .describe('What signatures are checked with. Files that are replaced are read again')

export type KeyConfig = z.output<typeof key>
