/** For listeners that pages of browsers may send to. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'

const origin = z
  .string()
  .regex(
    /^(?:\*|https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/,
    'an origin as browsers say it, as in https://app.example.com or http://localhost:3000, or *',
  )

const corsConfig = z
  .strictObject({
    origins: z
      .array(origin)
      .min(1)
      .describe(
        'Origins of pages that may send, as in https://app.example.com; `*` for any. Other pages are answered with 403',
      ),
    credentials: z
      .boolean()
      .default(false)
      .describe('Let pages send what the browser keeps for the receiver: client certificates, passwords'),
    headers: z
      .array(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'the name of a header'))
      .default([])
      .describe('Headers that pages may send beside those that receivers read, as in traceparent'),
    max_age: durationFrom('0s', '1d')
      .prefault('1h')
      .describe('For how long a browser need not ask again whether a page may send'),
  })
  .refine(({ origins, credentials }) => !(credentials && origins.includes('*')), {
    path: ['credentials'],
    message: 'cannot be with an origin *: any page could send in the name of who looks at it',
  })

/** A member of listeners that speak HTTP. */
export const corsMember = {
  cors: corsConfig
    .optional()
    .describe('Pages of browsers that may send; without it, browsers let none read an answer'),
}

export type CorsConfig = z.infer<typeof corsConfig>
