/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY as people write them. */
import { expect, test } from 'vitest'
import { proxyFor } from '../../../src/sinks/transport/proxy.ts'

const found = (url: string, env: Record<string, string>, proxy?: string) =>
  proxyFor({ sink: 'hook', url, proxy, env })?.href

test.each([
  ['https://x.example', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['https://x.example', { https_proxy: 'http://p:3128' }, 'http://p:3128/'],
  ['https://x.example', { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, 'http://low:1/'],
  ['https://x.example', { HTTP_PROXY: 'http://p:3128' }, undefined],
  ['http://x.example', { HTTP_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['http://x.example', { http_proxy: 'p:3128' }, 'http://p:3128/'],
  ['http://x.example', { http_proxy: 'user:pass@p:3128' }, 'http://user:pass@p:3128/'],
  ['http://x.example', { http_proxy: '' }, undefined],
  ['http://x.example', { http_proxy: '', HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
])('%s with %o', (url, env, proxy) => {
  expect(found(url, env)).toBe(proxy)
})

test.each([
  ['x.example', '*', true],
  ['x.example', 'x.example', true],
  ['x.example', 'X.EXAMPLE', true],
  ['a.x.example', 'x.example', true],
  ['a.x.example', '.x.example', true],
  ['x.example', '.x.example', true],
  ['a.x.example', '*.x.example', true],
  ['ax.example', 'x.example', false],
  ['x.example', 'a.x.example', false],
  ['x.example', 'y.example, x.example', true],
  ['x.example', 'y.example x.example', true],
  ['x.example:8088', 'x.example:8088', true],
  ['x.example:8088', 'x.example:8089', false],
  ['x.example', 'x.example:443', true],
  ['x.example:8088', 'x.example', true],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '10.1.2.3:443', true],
  ['10.1.2.3', '0.1.2.3', false],
  ['110.1.2.3', '10.1.2.3', false],
  ['[::1]:4318', '::1', true],
  ['[::1]:4318', '[::1]', true],
  ['[::1]:4318', '[::1]:4318', true],
  ['[fd00::7]', 'fd00::/8', true],
  ['localhost', 'localhost,127.0.0.1', true],
  ['x.example', '', false],
  ['x.example', '10.0.0.0/99, nonsense/8, /', false],
])('%s with NO_PROXY=%s: excepted %s', (host, list, excepted) => {
  for (const name of ['no_proxy', 'NO_PROXY']) {
    const proxy = found(`https://${host}/path`, { HTTPS_PROXY: 'http://p:1', [name]: list })
    expect(proxy).toBe(excepted ? undefined : 'http://p:1/')
  }
})

test('the sink has the last word', () => {
  const env = { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }
  expect(found('https://x.example', env, 'http://own:2')).toBe('http://own:2/')
  expect(found('https://x.example', { HTTPS_PROXY: 'http://p:1' }, 'none')).toBeUndefined()
})

test.each(['socks5://user:hush@p:1', 'http://user:hush@', 'a b'])(
  '%s is no proxy, and is not repeated',
  (said) => {
    const find = () => found('https://x.example', { HTTPS_PROXY: said })
    expect(find).toThrow('sink hook: https_proxy of the environment is no proxy')
    expect(find).not.toThrow('hush')
  },
)
