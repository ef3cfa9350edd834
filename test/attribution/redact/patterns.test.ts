import { describe, expect, test } from 'vitest'
import { builtIn } from '../../../src/attribution/redact/patterns.ts'

const found = (name: string, text: string) =>
  builtIn[name]!(text).map(([start, end]) => text.slice(start, end))

describe.each<[string, readonly [text: string, found: readonly string[]][]]>([
  [
    'email',
    [
      ['eve@example.com', ['eve@example.com']],
      ['<eve+x.y@mail.example.co.uk>, bob@b.example.', ['eve+x.y@mail.example.co.uk', 'bob@b.example']],
      ['to=eve%40example.com&x=1', ['eve%40example.com']],
      ['zoë@münchen.example', ['zoë@münchen.example']],
      ['eve@example.com.4111', ['eve@example.com']],
      ['root@localhost, @handle, a@b, x@1.2.3.4, user@', []],
      ['git@@example.com eve@exa..mple.com', []],
    ],
  ],
  [
    'card_number',
    [
      ['4111111111111111', ['4111111111111111']],
      ['paid with 4111 1111 1111 1111.', ['4111 1111 1111 1111']],
      ['4111-1111-1111-1111 5500 0000 0000 0004', ['4111-1111-1111-1111', '5500 0000 0000 0004']],
      ['12 4111111111111111 99', ['4111111111111111']],
      ['card_4111111111111111', ['4111111111111111']],
      ['{"card":378282246310005}', ['378282246310005']],
      ['6011+1111+1111+1117', ['6011+1111+1111+1117']],
      // A wrong check digit, an order's number, a time in nanoseconds, a part of a hash.
      ['4111111111111112 1234567890123452 1796017595189000000 a4111111111111111f', []],
      ['411111111111111111111111111111111111', []],
      // A UUID of digits, and one beside a card's number.
      ['41111111-1111-1111-4111-111111111111 4111111111111111', ['4111111111111111']],
    ],
  ],
  [
    'iban',
    [
      ['DE89370400440532013000', ['DE89370400440532013000']],
      ['to GB82 WEST 1234 5698 7654 32, please', ['GB82 WEST 1234 5698 7654 32']],
      ['de89370400440532013000', ['de89370400440532013000']],
      ['DE89370400440532013001 DE8937040044053201300 XX89370400440532013000', []],
      ['DE89370400440532013000DE89370400440532013000', []],
    ],
  ],
  [
    'jwt',
    [
      ['Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln.', ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln.']],
      ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.']],
      ['eyJhbGciOiJIUzI1NiJ9 keyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', []],
    ],
  ],
  [
    'token',
    [
      ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', ['ghp_abcdefghijklmnopqrstuvwxyz0123456789']],
      ['Authorization: Bearer abc.def-12345', ['Bearer abc.def-12345']],
      [
        'glpat-abcdefghij1234567890 xoxb-1234567890-abc',
        ['glpat-abcdefghij1234567890', 'xoxb-1234567890-abc'],
      ],
      ['sk_live_abcdefgh12345678', ['sk_live_abcdefgh12345678']],
      ['a bearer of news, basic training, disk_live_abcdefgh12345678', []],
      // Signed URLs: what signs them, and nothing else.
      [
        'https://a.blob.example/c/b.txt?sv=2022-11-02&se=2026-11-30T00%3A00Z&sp=r&sig=dGhpcyBpcyBub3QgYSByZWFs%2Fc2ln%3D',
        ['dGhpcyBpcyBub3QgYSByZWFs%2Fc2ln%3D'],
      ],
      [String.raw`"?sp=r\u0026sig=dGhpcyBpcyBub3QgYSByZWFs"`, ['dGhpcyBpcyBub3QgYSByZWFs']],
      [
        '/b?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261130&X-Amz-Signature=0123456789abcdef0123456789abcdef',
        ['0123456789abcdef0123456789abcdef'],
      ],
      [
        'type=ANOM_ABEND sig=11 res=1 signature=0123456789abcdef0123456789abcdef design=0123456789abcdefgh',
        [],
      ],
      // Passwords in URLs
      ['postgres://app:hunter2@db.example:5432/x https://u:p@h', ['hunter2', 'p']],
      ['amqps://app:p@ss:w@mq/, redis://:secret@cache', ['p@ss:w', 'secret']],
      ['https://x:ghp_abcdefghijklmnopqrstuvwxyz0123456789@h', ['ghp_abcdefghijklmnopqrstuvwxyz0123456789']],
      [
        'https://u:***@h https://u:hmac-sha256:k:0a@h ?sig=hmac-sha256:k:0a ssh://git@h:22/a@b http://h:80/a@b http://h:80?to=a@b.example //u:p@h arn:aws:iam::1:user/a@b',
        [],
      ],
      // Keys of clouds, by their names
      ['aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCY', ['wJalrXUtnFEMI/K7MDENG/bPxRfiCY']],
      [
        String.raw`AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" {\"SecretAccessKey\":\"abcdefghij1234567890\"}`,
        ['wJalrXUtnFEMI/K7MDENG/bPxRfiCY', 'abcdefghij1234567890'],
      ],
      [
        'AccountName=shop;AccountKey=abcdefghijklmnopqrstuvwxyz0123456789ABCD==;EndpointSuffix=core.example',
        ['abcdefghijklmnopqrstuvwxyz0123456789ABCD=='],
      ],
      ['aws_access_key_id=AKIAIOSFODNN7EXAMPLE secretAccessKey=HIDDEN_DUE_TO_SECURITY_REASONS', []],
    ],
  ],
  [
    'ip',
    [
      ['from 10.0.0.1, [2001:db8::1]:443', ['10.0.0.1', '2001:db8::1']],
      ['addr=::ffff:10.1.2.3 http://192.0.2.7:80/', ['::ffff:10.1.2.3', '192.0.2.7']],
      ['12:34:56 aa:bb:cc:dd:ee:ff 1.2.3 300.1.1.1 1.2.3.4.5 v1.2.3.4x', []],
    ],
  ],
])('%s', (name, cases) => {
  test.each(cases)('%s', (text, expected) => {
    expect(found(name, text)).toEqual(expected)
  })
})

test('what is long is looked at once: no text takes forever', () => {
  const parts = [
    '@',
    'a@',
    '%40',
    '4',
    '4 ',
    'DE89',
    'eyJ',
    'eyJ-',
    'eyJaaaaaaaa.',
    'f',
    '1.',
    ':',
    'a:',
    'sk_live_',
    'Bearer ',
    '-----BEGIN ',
    'a://b:',
    'a://:c@',
    'sig=',
    'secretaccesskey= ',
    'sig=a&',
  ]
  for (const part of parts) {
    const text = part.repeat(200_000 / part.length)
    const { user } = process.cpuUsage()
    for (const find of Object.values(builtIn)) find(text)
    expect([part, process.cpuUsage().user - user < 2_000_000]).toEqual([part, true])
  }
})
