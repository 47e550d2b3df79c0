/** An authorization server, in the form that every row stores and every request uses. */

/** The parts of an authorization server's metadata that this client uses. */
export interface AuthorizationServer {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly parEndpoint: string
  readonly revocationEndpoint: string | undefined
}
