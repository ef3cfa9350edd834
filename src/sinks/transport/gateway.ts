/** Gateways before a destination answer 400 as well, when it is not the events that they mind. */

/**
 * nginx, for certificates of clients (its own 495 and 496 go out as 400), plain HTTP at a TLS port (497) and headers
 * that are too long (494); Go's server, and so Caddy and Traefik, for plain HTTP.
 */
const faults =
  /The SSL certificate error|No required SSL certificate was sent|The plain HTTP request was sent to HTTPS port|Request Header Or Cookie Too Large|Client sent an HTTP request to an HTTPS server/

/** Whether this answer is about the connection or the configuration: data must not be thrown away for it. */
export function isGatewayFault({
  status,
  text,
}: {
  readonly status: number
  readonly text: string
}): boolean {
  return status === 400 && faults.test(text)
}
