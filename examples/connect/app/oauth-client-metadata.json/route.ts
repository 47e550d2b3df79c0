// The URL of this route is your client_id: do not change it after the first sign-in.
import { atproto } from '../../atproto'

export const { GET } = atproto.handlers.clientMetadata
