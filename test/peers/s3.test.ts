/** The store itself: it is there, and it checks who asks. */
import { expect, test } from 'vitest'
import { startCeph } from './ceph.ts'
import { peerScript } from './peers.ts'

const script = peerScript('ceph-rgw.sh')

test.skipIf(script === undefined)('a Ceph object store starts and checks signatures', async () => {
  await using ceph = await startCeph(script ?? '')
  expect((await fetch(`${ceph.endpoint}/any`)).status).toBe(404)
  const answer = await fetch(`${ceph.endpoint}/any`, {
    headers: { authorization: `AWS ${ceph.accessKey}:${ceph.secretKey}` },
  })
  expect(answer.status).toBe(403)
})
