/** `sign:` of the `http` sink. */
import { z } from 'zod'

const base64 = (prefix: string, text: string) => Buffer.from(text.slice(prefix.length), 'base64')

/** Standard Webhooks, "Symmetric": 24 to 64 bytes. */
const symmetric = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+=*$/, 'a secret as in whsec_… (base64)')
  .refine((text) => {
    const { length } = base64('whsec_', text)
    return length >= 24 && length <= 64
  }, 'a secret of 24 to 64 bytes')

/** Standard Webhooks, "Asymmetric": an Ed25519 key, with or without its public half. */
const asymmetric = z
  .string()
  .regex(/^whsk_[A-Za-z0-9+/]+=*$/, 'a private key as in whsk_… (base64)')
  .refine((text) => [32, 64].includes(base64('whsk_', text).length), 'an Ed25519 private key')

const oneOrMore = <T extends z.ZodType<string>>(key: T) =>
  z.union([key.transform((one) => [one]), z.array(key).min(1).max(8)])

export const signConfig = () =>
  z
    .strictObject({
      secret: oneOrMore(symmetric)
        .optional()
        .describe('whsec_…: signed with HMAC-SHA256 (v1); several while one takes the place of another'),
      private_key: oneOrMore(asymmetric).optional().describe('whsk_…: signed with Ed25519 (v1a)'),
    })
    .refine(
      ({ secret, private_key: key }) => secret !== undefined || key !== undefined,
      'secret or private_key',
    )
    .optional()
    .describe('Signatures of Standard Webhooks; without compression only')

export type SignConfig = NonNullable<z.output<ReturnType<typeof signConfig>>>
