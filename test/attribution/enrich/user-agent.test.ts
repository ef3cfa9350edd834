import { expect, test } from 'vitest'
import { userAgentEnricher } from '../../../src/attribution/enrich/user-agent.ts'

const enricher = userAgentEnricher({ key: 'source.user_agent' })

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    { name: 'Firefox', os: 'Linux', platform: 'desktop', version: '128.0' },
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    { name: 'Chrome', os: 'Windows', os_version: '10', platform: 'desktop', version: '126.0.0.0' },
  ],
  ['kubectl/v1.29.1 (linux/amd64) kubernetes/bc401b9', { name: 'kubectl', os: 'Linux', version: 'v1.29.1' }],
  ['aws-cli/2.15.0 Python/3.11.6 Linux/5.10', { name: 'aws-cli', os: 'Linux', version: '2.15.0' }],
  ['curl/8.5.0', { name: 'curl', version: '8.5.0' }],
  ['console.amazonaws.com', { name: 'console.amazonaws.com' }],
])('%s', (text, value) => {
  const [addition] = enricher.additionsFor(text)
  expect(addition).toMatchObject({ member: 'metadata.user_agent', value })
  expect(Object.keys(addition!.value as object)).toEqual(Object.keys(value))
})

test.each(['', `x/${'1'.repeat(2000)}`])('a text that says nothing', (text) => {
  expect(enricher.additionsFor(text)).toEqual([])
})
