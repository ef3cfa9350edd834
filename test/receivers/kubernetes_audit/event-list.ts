/** As the API server writes it: a list whose items say no kind. */
export const eventList = (items: readonly string[]): string =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(',')}]}\n`
