/**
 * Decoders of lines: whatever the text, an answer, which is plain JSON and no larger than a few times the text. The first
 * byte chooses the decoder; the rest is a record.
 */
import { createDecoder } from '../../src/normalise/decode/decoders.ts'
import type { FuzzTarget } from './target.ts'

const decoders = [
  'auditd',
  'access_log',
  'keycloak',
  'postgres_csv',
  'postgres_json',
  'postgres_stderr',
  'key_value',
  'query',
].map((name) => createDecoder({ name, options: {} }))

const stamp = 'msg=audit(1700000000.123:42)'
const texts: readonly string[] = [
  `node=a type=SYSCALL ${stamp}: arch=c000003e syscall=59 auid=0 comm="a" key=61016263\x1dAUID="root"\ntype=EXECVE ${stamp}: argc=2 a0="a" a1[0]=41 a1[1]=C3\ntype=SOCKADDR ${stamp}: saddr=0A000016000000000000000000000000000000000000000100000000`,
  '192.0.2.7 - ann [23/Nov/2026:11:00:00 +0100] "GET /a b HTTP/1.1" 200 12 "-" "x" "198.51.100.1" 0.004',
  '2026-11-23 10:00:00,357 WARN  [org.keycloak.events] (t) type="LOGIN", realmId=r, userId=null, a="b, \\"c\\""',
  '2026-11-23 10:00:00.123 UTC,"ann","shop",1,"::1:5",6.1,7,"S",2026-11-23 09:59:00 UTC,3/1,0,LOG,00000,"AUDIT: SESSION,3,1,READ,SELECT,,,""a\nb"",<none>",,,,,,,,,"psql"',
  '{"timestamp":"2026-11-23 10:00:00.123 CET","message":"AUDIT: SESSION,1,1,READ,SELECT,,,a,<none>,1"}',
  '2026-11-23 10:00:00.123 UTC [1] a@b LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,"a\n\tb",<none>\n2026-11-23 10:00:00.123 UTC [1] a@b CONTEXT:  x',
  'a=1 b="two words" c',
  'a=1&b=%41+c',
]

const corpus = texts.map((text, i) => Buffer.concat([Buffer.of(i), Buffer.from(text)]))

export const lines: FuzzTarget = {
  corpus,
  check(input) {
    const [choice = 0] = input
    const text = input.subarray(1).toString()
    const decoded = decoders[choice % decoders.length]!.decode(text)
    if (!decoded.ok) return
    const size = JSON.stringify(decoded.value).length
    if (size > 20 * text.length + 4_000) throw new Error(`${size} characters of ${text.length}`)
  },
}
