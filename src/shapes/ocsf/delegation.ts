/**
 * The hops after the actor. OCSF has a place for a role that was assumed (the session's issuer) and for a service that
 * called (the actor's app), and none for a chain: it is told whole, in order, as enrichments of the actor.
 */
import type { Members } from '../absent.ts'
import type { Line } from '../line.ts'

export const delegationOf = ({ delegation = [] }: Line): Members[] =>
  delegation.map((hop) => ({
    name: 'actor.user.uid',
    value: hop.id ?? hop.name ?? hop.type,
    type: 'delegation',
    short_desc: hop.mechanism,
    data: hop,
  }))
