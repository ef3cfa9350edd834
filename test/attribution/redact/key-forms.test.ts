import { expect, test } from 'vitest'
import { findFields } from '../../../src/attribution/redact/key-forms.ts'

const finds = {
  field: findFields(['password', 'pw.d'], 'field'),
  identifier: findFields(['password', 'pw.d'], 'identifier'),
}

function masked(text: string, bare: keyof typeof finds = 'field'): string {
  let left = ''
  let at = 0
  for (const [start, end] of finds[bare](text)) {
    expect(start).toBeGreaterThanOrEqual(at)
    left += `${text.slice(at, start)}***`
    at = end
  }
  return left + text.slice(at)
}

const forms: Readonly<Record<string, string>> = {
  // pairs
  'login password=hunter2 ok': 'login password=*** ok',
  'PassWord = hunter2, user=eve': 'PassWord = ***, user=eve',
  'password: "hunter2 x", user': 'password: "***", user',
  "{'password': 'hunter2', 'a': 1}": "{'password': '***', 'a': 1}",
  'password:hunter2': 'password:***',
  'password => hunter2': 'password => ***',
  'password := hunter2': 'password := ***',
  'pw.d=hunter2 pwxd=stays': 'pw.d=*** pwxd=stays',
  'db.password=hunter2': 'db.password=***',
  'my_password=stays, x-password=stays, passwords=stays':
    'my_password=stays, x-password=stays, passwords=stays',
  // JSON in texts
  '{"password":"hunter2","user":"eve"}': '{"password":"***","user":"eve"}',
  '{"password":{"a":["hunter2"]},"user":"eve"}': '{"password":***,"user":"eve"}',
  '{"password":482913}': '{"password":***}',
  '{"password":"a\\"b","user":"eve"}': '{"password":"***","user":"eve"}',
  '"{\\"password\\":\\"hunter2\\",\\"user\\":\\"eve\\"}"':
    '"{\\"password\\":\\"***\\",\\"user\\":\\"eve\\"}"',
  '{"p\\u0061ssword":"hunter2","user":"eve"}': '{"p\\u0061ssword":"***","user":"eve"}',
  '{\\u0022password\\u0022:\\u0022hunter2\\u0022,\\u0022user\\u0022:1}':
    '{\\u0022password\\u0022:\\u0022***\\u0022,\\u0022user\\u0022:1}',
  '1,"{""password"":""hunter2"",""user"":""eve""}",2': '1,"{""password"":""***"",""user"":""eve""}",2',
  '{"password":"hunter2': '{"password":"***',
  // URLs
  'GET /login?password=hunter2&user=eve HTTP/1.1': 'GET /login?password=***&user=eve HTTP/1.1',
  '/login?user=eve&password=hun,ter;2)': '/login?user=eve&password=***',
  'user=eve&password=hun,ter2&x=1': 'user=eve&password=***&x=1',
  'https://a.example/#password=hun,ter2': 'https://a.example/#password=***',
  '/login?pass%77ord=hunter%262&x=1': '/login?pass%77ord=***&x=1',
  '/login?user%5Bpassword%5D=hun,ter2&x=1': '/login?user%5Bpassword%5D=***&x=1',
  '/login?user[password]=hun,ter2&x=1': '/login?user[password]=***&x=1',
  '/x?password[]=hun,ter2&x=1': '/x?password[]=***&x=1',
  '/x?u[password][0]=hun,ter2&x=1': '/x?u[password][0]=***&x=1',
  '/x?password%5B%5D=hunter2&x=1': '/x?password%5B%5D=***&x=1',
  'password[0] = hunter2, x': 'password[0] = ***, x',
  'password[] of [x]=stays': 'password[] of [x]=stays',
  // access logs
  '{\\x22password\\x22:\\x22hunter2\\x22,\\x22user\\x22:1}':
    '{\\x22password\\x22:\\x22***\\x22,\\x22user\\x22:1}',
  '\\x16\\x03password=hunter2 x': '\\x16\\x03password=*** x',
  '/x?password=caf\\xC3\\xA9&x=1': '/x?password=***&x=1',
  'p\\x61ssword=hunter2 x': 'p\\x61ssword=*** x',
  '/r?next=%2Flogin%3Fpassword%3Dhunter2%26x%3D1&y=2': '/r?next=%2Flogin%3Fpassword%3D***%26x%3D1&y=2',
  '/r?next=%2Flogin%3Fpassword%3Dhun%25262%26x%3D1': '/r?next=%2Flogin%3Fpassword%3D***%26x%3D1',
  '/r?a=%253Fpassword%253Dhunter2%2526x': '/r?a=%253Fpassword%253D***%2526x',
  '/r?b=%7B%22password%22%3A%22hunter%202%22%2C%22u%22%3A1%7D':
    '/r?b=%7B%22password%22%3A%22***%22%2C%22u%22%3A1%7D',
  '{"url":"/x?password=","user":"eve"}': '{"url":"/x?password=","user":"eve"}',
  '/x?password="hunter2"&y=1': '/x?password="***"&y=1',
  // SQL
  "ALTER USER x PASSWORD 'hunter2'": "ALTER USER x PASSWORD '***'",
  "CREATE ROLE x LOGIN ENCRYPTED PASSWORD 'it''s hunter2' VALID":
    "CREATE ROLE x LOGIN ENCRYPTED PASSWORD '***' VALID",
  "ALTER ROLE x PASSWORD E'hun\\'ter2';": "ALTER ROLE x PASSWORD E'***';",
  'ALTER ROLE x PASSWORD $$hunter2$$;': 'ALTER ROLE x PASSWORD $$***$$;',
  'ALTER ROLE x PASSWORD $a$hunt$$er2$a$;': 'ALTER ROLE x PASSWORD $a$***$a$;',
  "SET PASSWORD = PASSWORD('hunter2') FOR": "SET PASSWORD = PASSWORD('***') FOR",
  "OPTIONS (user 'eve', password 'hunter2')": "OPTIONS (user 'eve', password '***')",
  'ALTER ROLE x PASSWORD NULL': 'ALTER ROLE x PASSWORD NULL',
  // commands
  'mysql --password hunter2 -u eve': 'mysql --password *** -u eve',
  'mysql --password=hunter2 -u eve': 'mysql --password=*** -u eve',
  'mysql --password -u eve': 'mysql --password -u eve',
  'run -password=hunter2': 'run -password=***',
  // none
  'the password was changed': 'the password was changed',
}

test.each(Object.entries(forms))('%s', (text, expected) => {
  expect(masked(text)).toBe(expected)
  // Nothing more is found in what is left, but for where it ended with the text.
  expect(masked(expected).replaceAll('******', '***')).toBe(expected)
})

test('identifiers of several words are no fields, but in messages', () => {
  for (const text of [
    'password:reset',
    'arn:aws:x:eu-north-1:1:password:prod/db',
    '/v1/password:rotate now',
  ]) {
    expect(masked(text, 'identifier')).toBe(text)
  }
  expect(masked('got password:hunter2', 'identifier')).toBe('got password:***')
  expect(masked('password: hunter2', 'identifier')).toBe('password: ***')
  expect(masked('{"password":1}', 'identifier')).toBe('{"password":***}')
})

test('what is long is looked at once: no text takes forever', () => {
  const long = 300_000
  const texts = [
    'password=',
    'password="',
    "password '",
    'password $$',
    'pass%77ord=',
    'pass%2577ord%253D',
    '%25',
    '?&#',
    '{"password":{',
    'password:=> ',
    '--password ',
    '\\u0070assword',
    '[a]',
    '--------',
    'password]]]]   ',
    '\\\\\\\\"',
  ].map((part) => part.repeat(long / part.length))
  const started = performance.now()
  for (const text of texts) {
    masked(text)
    masked(text, 'identifier')
  }
  expect(performance.now() - started).toBeLessThan(8_000)
})
