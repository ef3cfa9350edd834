/** OCSF's cloud object, and with it the cloud profile: for producers that are a cloud, by vendor. */
import { type Members, present } from '../absent.ts'
import type { Line } from '../line.ts'

interface Provider {
  readonly name: string
  /** Of `scope`, the types that are an account there: `account.type_id` and its caption. */
  readonly accounts: Readonly<Record<string, readonly [number, string]>>
}

const aws: Provider = { name: 'AWS', accounts: { account: [10, 'AWS Account'] } }
const gcp: Provider = { name: 'GCP', accounts: { project: [11, 'GCP Project'] } }
const azure: Provider = { name: 'Azure', accounts: { subscription: [13, 'Azure Subscription'] } }

/** By vendor, in lower case. */
const providers: Readonly<Record<string, Provider>> = {
  aws,
  amazon: aws,
  'amazon web services': aws,
  gcp,
  google: gcp,
  'google cloud': gcp,
  azure,
  microsoft: azure,
  'microsoft azure': azure,
}

const organizations = new Set(['organization', 'organisation', 'org', 'tenant'])

export function cloudOf({ producer, scope }: Line): Members | undefined {
  const provider = providers[producer.vendor?.toLowerCase() ?? '']
  if (provider === undefined) return undefined
  const account = scope.find(({ type }) => type !== undefined && type in provider.accounts)
  const organization = scope.find(({ type }) => type !== undefined && organizations.has(type))
  const [typeId, type] = provider.accounts[account?.type ?? ''] ?? []
  return present({
    provider: provider.name,
    region: producer.region ?? scope.find((level) => level.type === 'region')?.id,
    account:
      account === undefined
        ? undefined
        : present({ uid: account.id, name: account.name, type_id: typeId, type }),
    org: organization === undefined ? undefined : present({ uid: organization.id, name: organization.name }),
  })
}
