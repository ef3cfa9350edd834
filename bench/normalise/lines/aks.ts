import type { Draw } from '../draw.ts'
import { line as kubernetesLine } from './kubernetes.ts'

/** As Azure hands it on: the event is a text. */
export const line = (draw: Draw, n: number): string =>
  JSON.stringify({
    time: draw.timestamp(n + 2, 7),
    category: 'kube-audit',
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    resourceId:
      '/SUBSCRIPTIONS/0F1E2D3C-0000-4000-8000-000000000001/RESOURCEGROUPS/SHOP/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP',
    properties: { log: `${kubernetesLine(draw, n)}\n`, stream: 'stdout', pod: 'kube-apiserver-0' },
  })
