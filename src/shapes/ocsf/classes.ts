/**
 * The event classes that an audit event can become: facts of the Open Cybersecurity Schema Framework 1.8.0
 * (https://schema.ocsf.io/1.8.0, Apache-2.0), as far as an event has something to say in them. Classes are chosen by
 * choice.ts, attributes are made by the parts that are named here; no other code knows a class.
 */
import type { Part } from './part.ts'
import { device, dstEndpoint, srcEndpoint, srcEndpointOrUnknown } from './parts/endpoints.ts'
import { actor, isMfa, privileges, session, subject, targetUser } from './parts/principals.ts'
import { api, httpRequest, httpResponse, logProvider, service, trace } from './parts/request.ts'
import {
  database,
  databucket,
  entity,
  file,
  group,
  logName,
  process,
  resource,
  resources,
  table,
} from './parts/targets.ts'

export interface EventClass {
  readonly uid: number
  readonly caption: string
  readonly category: keyof typeof categories
  /** By id; 0 (Unknown) and 99 (Other) are everywhere. */
  readonly activities: Readonly<Record<number, string>>
  /** Beside those that every class has. */
  readonly attributes: Readonly<Record<string, Part>>
  /** Those without which an event cannot be of this class: attributes that are required… */
  readonly required: readonly string[]
  /** …and those of which it must have at least one. */
  readonly oneOf?: readonly string[]
  /** Attributes that a profile adds. */
  readonly profiles?: Readonly<Record<string, string>>
}

/** Category uids and captions. */
export const categories = {
  other: [0, 'Uncategorized'],
  system: [1, 'System Activity'],
  iam: [3, 'Identity & Access Management'],
  network: [4, 'Network Activity'],
  application: [6, 'Application Activity'],
} as const satisfies Record<string, readonly [number, string]>

const host = { device: 'host' } as const
const iam = { actor, src_endpoint: srcEndpoint, http_request: httpRequest, device } as const

export const classes = {
  base_event: {
    uid: 0,
    caption: 'Base Event',
    category: 'other',
    activities: {},
    attributes: { actor, device },
    required: [],
    profiles: { actor: 'host', device: 'host' },
  },
  file_activity: {
    uid: 1001,
    caption: 'File System Activity',
    category: 'system',
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
    attributes: { actor, device, file },
    required: ['device', 'file'],
  },
  process_activity: {
    uid: 1007,
    caption: 'Process Activity',
    category: 'system',
    activities: { 1: 'Launch', 2: 'Terminate' },
    attributes: { actor, device, process },
    required: ['device', 'process'],
  },
  event_log_activity: {
    uid: 1008,
    caption: 'Event Log Activity',
    category: 'system',
    activities: { 2: 'Delete' },
    attributes: {
      actor,
      device,
      src_endpoint: srcEndpoint,
      dst_endpoint: dstEndpoint,
      log_name: logName,
      log_provider: logProvider,
    },
    required: [],
    oneOf: ['log_name', 'log_provider'],
  },
  account_change: {
    uid: 3001,
    caption: 'Account Change',
    category: 'iam',
    activities: { 1: 'Create', 6: 'Delete' },
    attributes: { ...iam, user: targetUser },
    required: ['user'],
    profiles: host,
  },
  authentication: {
    uid: 3002,
    caption: 'Authentication',
    category: 'iam',
    activities: { 1: 'Logon', 2: 'Logoff' },
    attributes: { ...iam, user: subject, session, service, dst_endpoint: dstEndpoint, is_mfa: isMfa },
    required: ['user'],
    oneOf: ['service', 'dst_endpoint'],
    profiles: host,
  },
  entity_management: {
    uid: 3004,
    caption: 'Entity Management',
    category: 'iam',
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
    attributes: { ...iam, entity },
    required: ['entity'],
    profiles: host,
  },
  user_access: {
    uid: 3005,
    caption: 'User Access Management',
    category: 'iam',
    activities: { 1: 'Assign Privileges', 2: 'Revoke Privileges' },
    attributes: { ...iam, user: targetUser, privileges, resources },
    required: ['user', 'privileges'],
    profiles: host,
  },
  group_management: {
    uid: 3006,
    caption: 'Group Management',
    category: 'iam',
    activities: {
      1: 'Assign Privileges',
      2: 'Revoke Privileges',
      3: 'Add User',
      4: 'Remove User',
      5: 'Delete',
      6: 'Create',
    },
    attributes: { ...iam, group, user: targetUser, resource },
    required: ['group'],
    profiles: host,
  },
  http_activity: {
    uid: 4002,
    caption: 'HTTP Activity',
    category: 'network',
    activities: {
      1: 'Connect',
      2: 'Delete',
      3: 'Get',
      4: 'Head',
      5: 'Options',
      6: 'Post',
      7: 'Put',
      8: 'Trace',
      9: 'Patch',
    },
    attributes: {
      actor,
      device,
      src_endpoint: srcEndpoint,
      dst_endpoint: dstEndpoint,
      http_request: httpRequest,
      http_response: httpResponse,
      trace,
    },
    required: ['http_request'],
    profiles: { actor: 'host', device: 'host', trace: 'trace' },
  },
  api_activity: {
    uid: 6003,
    caption: 'API Activity',
    category: 'application',
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
    attributes: {
      actor,
      api,
      device,
      src_endpoint: srcEndpointOrUnknown,
      dst_endpoint: dstEndpoint,
      http_request: httpRequest,
      http_response: httpResponse,
      resources,
      trace,
    },
    required: ['api'],
    profiles: { device: 'host', trace: 'trace' },
  },
  datastore_activity: {
    uid: 6005,
    caption: 'Datastore Activity',
    category: 'application',
    activities: { 1: 'Read', 2: 'Update', 4: 'Query', 6: 'Create', 7: 'Delete' },
    attributes: {
      actor,
      device,
      src_endpoint: srcEndpointOrUnknown,
      dst_endpoint: dstEndpoint,
      http_request: httpRequest,
      http_response: httpResponse,
      database,
      table,
      databucket,
    },
    required: [],
    oneOf: ['database', 'table', 'databucket'],
    profiles: host,
  },
} as const satisfies Record<string, EventClass>

export type ClassName = keyof typeof classes
