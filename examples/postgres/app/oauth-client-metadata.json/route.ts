// The URL of this route is your client_id: do not change it after the first sign-in.
import { auth } from '../../auth'

export const { GET } = auth.handlers.clientMetadata
