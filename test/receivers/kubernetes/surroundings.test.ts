import { expect, test } from 'vitest'
import { kubernetesReceiverConfig } from '../../../src/receivers/kubernetes/config.ts'
import { apiServerOf, nodeOf, ownPod } from '../../../src/receivers/kubernetes/surroundings.ts'

test.each([
  [{ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' }, 'https://10.96.0.1:6443'],
  [{ KUBERNETES_SERVICE_HOST: 'fd00::1' }, 'https://[fd00::1]:443'],
])('%j', (environment, url) => {
  expect(apiServerOf('pods', {}, environment).url).toBe(url)
  expect(apiServerOf('pods', { url: 'https://other' }, environment).url).toBe('https://other')
})

test('what nobody says is an error that says how', () => {
  expect(() => apiServerOf('pods', {}, {})).toThrow('receivers.pods: nobody says where the API server is')
  const config = kubernetesReceiverConfig.parse({ type: 'kubernetes' })
  expect(() => nodeOf('pods', { ...config, node: undefined })).toThrow(
    'receivers.pods: nobody says which node this is',
  )
})

test('which pod the agent is in', () => {
  const environment = { POD_NAME: 'affiant-x', POD_NAMESPACE: 'audit', POD_UID: 'u' }
  expect(ownPod(environment, 'host')).toEqual({ pod: 'affiant-x', namespace: 'audit', pod_uid: 'u' })
  expect(ownPod({}, 'affiant-x')).toMatchObject({ pod: 'affiant-x', pod_uid: undefined })
})

test.each([
  [{ api: { url: 'http://10.0.0.1:8080' } }, 'is asked over https, or on this machine: the token goes there'],
  [{ api: { url: 'http://localhost.evil.example' } }, 'is asked over https'],
  [{ api: { url: 'https://user@host' } }, 'the URL of an API server'],
  [{ directory: '/var/log' }, 'a directory whose name is `pods` or `containers`'],
  [{ pods: { labels: 'app in' } }, 'is no requirement of a selector'],
])('%j is refused', (more, message) => {
  const { error } = kubernetesReceiverConfig.safeParse({ type: 'kubernetes', ...more })
  expect(error?.issues.map((issue) => issue.message).join()).toContain(message)
})

test.each(['http://127.0.0.1:8001', 'http://localhost', 'http://[::1]:8001/', 'https://10.96.0.1'])(
  '%s',
  (url) => {
    expect(kubernetesReceiverConfig.safeParse({ type: 'kubernetes', api: { url } }).success).toBe(true)
  },
)
