/** `auth:` of the `http` sink: how it identifies itself. */
import { z } from 'zod'
import { httpUrl, secret } from '../transport/config.ts'

const basic = z.strictObject({
  user: z
    .string()
    .regex(/^[^:\p{Cc}]+$/u, 'a name without a colon')
    .describe('Its name'),
  password: secret(/^[^\p{Cc}]+$/u, 'a password on one line').describe(
    '{ file: … } keeps it out of this file',
  ),
})

const oauth2 = z.strictObject({
  token_url: httpUrl().describe('Where tokens are asked for'),
  client_id: z.string().min(1).describe('The client'),
  client_secret: secret().describe('Its secret; { file: … } keeps it out of this file'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope'))
    .default([])
    .describe('What is asked for'),
  audience: z.string().min(1).optional().describe('Sent as `audience`, where the server wants one'),
  auth_style: z.enum(['basic', 'body']).default('basic').describe('Where the client shows its secret'),
})

const sigv4 = z.strictObject({
  region: z.string().min(1).describe('As in eu-central-1'),
  service: z.string().min(1).describe('As in execute-api, or es'),
  access_key: secret().describe('Access key id'),
  secret_key: secret().describe('Secret access key; { file: … } keeps it out of this file'),
  session_token: secret().optional().describe('Of temporary credentials'),
})

export const authConfig = () =>
  z
    .strictObject({
      bearer: secret(/^[\x21-\x7e]+$/, 'a token without spaces')
        .optional()
        .describe('Sent as `Authorization: Bearer …`; { file: … } keeps it out of this file'),
      basic: basic.optional().describe('Sent as `Authorization: Basic …`, in UTF-8'),
      oauth2: oauth2.optional().describe('OAuth 2.0 client credentials: a token of its own, renewed in time'),
      sigv4: sigv4.optional().describe('AWS Signature Version 4'),
    })
    .refine(
      (given) => Object.values(given).filter((one) => one !== undefined).length === 1,
      'one of bearer, basic, oauth2, sigv4',
    )
    .optional()
    .describe('How the sink identifies itself; one of them')

export type AuthConfig = NonNullable<z.output<ReturnType<typeof authConfig>>>
